"""The optional edge: only where AWS lets it be, and transparent to what the API does."""

from pathlib import Path

from infra.template import Template

EDGE = Template.load(Path(__file__).parents[2] / "infra/edge.yaml")
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def test_it_refuses_every_region_but_the_one_that_has_web_acls_for_cloudfront() -> None:
    (assertion,) = EDGE.document["Rules"]["OnlyInNorthVirginia"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    assert EDGE.properties("WebAcl")["Scope"] == "CLOUDFRONT"
    distribution = EDGE.properties("Distribution")["DistributionConfig"]
    assert distribution["WebACLId"] == {"Fn::GetAtt": "WebAcl.Arn"}


def test_no_persons_list_is_cached_and_every_method_and_header_gets_through() -> None:
    """But for Host, by which the gateway would look for another API."""
    behaviour = EDGE.properties("Distribution")["DistributionConfig"]["DefaultCacheBehavior"]
    assert behaviour["CachePolicyId"] == CACHING_DISABLED
    assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST
    methods = {route.method for name in Template.load().functions() for route in Template.load().routes(name)} - {""}
    assert methods | {"OPTIONS"} <= set(behaviour["AllowedMethods"])


def test_who_sends_too_much_is_answered_as_the_gateway_would() -> None:
    rule = EDGE.properties("WebAcl")["Rules"][0]
    assert rule["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


def test_no_rule_looks_into_bodies() -> None:
    """Events and products have long texts and markup in them, which are no attack."""
    groups = [
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]
        for rule in EDGE.properties("WebAcl")["Rules"]
        if "ManagedRuleGroupStatement" in rule["Statement"]
    ]
    assert groups == ["AWSManagedRulesAmazonIpReputationList"]
