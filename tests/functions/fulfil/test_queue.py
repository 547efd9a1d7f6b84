"""The queue as the template has it: what is being worked on is hidden, and what is given up is seen."""

from infra.template import Template

TEMPLATE = Template.load()
QUEUE = TEMPLATE.properties("PrivacyJobs")


def test_a_message_is_hidden_for_longer_than_the_function_may_run() -> None:
    assert QUEUE["VisibilityTimeout"] > TEMPLATE.functions()["fulfil"]["Timeout"]


def test_one_message_at_a_time() -> None:
    assert TEMPLATE.functions()["fulfil"]["Events"]["Jobs"]["Properties"]["BatchSize"] == 1


def test_what_is_given_up_is_kept_and_alarmed() -> None:
    assert QUEUE["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": "PrivacyJobFailures.Arn"}
    alarm = TEMPLATE.properties("PrivacyJobFailuresAlarm")
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": "PrivacyJobFailures.QueueName"}
