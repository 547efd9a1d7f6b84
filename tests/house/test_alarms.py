"""The template's alarms watch what the code says and what the stream's functions are."""

from typing import Any

from infra.template import Template
from shared.stores.stream import METRIC, NAMESPACE

TEMPLATE = Template.load()
RESOURCES: dict[str, Any] = TEMPLATE.document["Resources"]
ALARMS = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::CloudWatch::Alarm"]


def watched(namespace: str, metric: str) -> list[Any]:
    return [
        alarm["Dimensions"][0]["Value"]
        for alarm in ALARMS
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
    ]


def consumers() -> dict[str, Any]:
    """The functions that read the stream, with their event source."""
    return {
        name: event["Properties"]
        for name, properties in TEMPLATE.functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    }


def test_poison_and_delay_of_every_reader_of_the_stream_are_watched() -> None:
    assert sorted(watched(NAMESPACE, METRIC)) == sorted(consumers()) == ["archive", "project"]
    delays = [value["Ref"] for value in watched("AWS/Lambda", "IteratorAge")]
    assert sorted(delays) == [f"{name.title()}Function" for name in sorted(consumers())]


def test_every_queue_of_failures_is_watched() -> None:
    queues = watched("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    failures = [name for name in RESOURCES if name.endswith("Failures")]
    assert sorted(value["Fn::GetAtt"].split(".")[0] for value in queues) == sorted(failures)


def test_every_alarm_tells_somebody() -> None:
    assert all(alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in ALARMS)


def test_every_reader_reports_what_it_has_not_done_and_is_never_out_of_retries() -> None:
    for properties in consumers().values():
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["BisectBatchOnFunctionError"]
        assert properties["MaximumRetryAttempts"] == -1


def test_counters_never_skip_records_that_the_stream_still_has() -> None:
    """Of a delivery that failed halfway, no redrive could know what is counted."""
    assert "MaximumRecordAgeInSeconds" not in consumers()["project"]
