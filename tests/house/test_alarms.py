"""The alarms and the dashboard watch what there is, and what the code says; the runbook has a section for each."""

import json
import re
from typing import Any

import pytest

from infra.template import Template
from shared.stores.stream import METRIC
from tests.house.emitted import Emitted, emitted

TEMPLATE = Template.load()
RESOURCES: dict[str, Any] = TEMPLATE.document["Resources"]
ALARMS = TEMPLATE.of_type("AWS::CloudWatch::Alarm")
OURS = {"Fn::Sub": "Regulars/${AWS::StackName}"}


def watched(namespace: Any, metric: str) -> list[Any]:
    return [
        each["Value"]
        for alarm in ALARMS.values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
        for each in alarm.get("Dimensions", [])
    ]


def consumers() -> dict[str, Any]:
    """The functions that read the stream, with their event source."""
    return {
        name: event["Properties"]
        for name, properties in TEMPLATE.functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    }


def references(values: list[Any]) -> list[str]:
    """The resources whose names these are."""
    return sorted(value.get("Ref") or value["Fn::GetAtt"].split(".")[0] for value in values)


@pytest.mark.parametrize("name", TEMPLATE.functions())
def test_an_alarm_tells_that_a_function_fails_by_whichever_way_it_is_called(name: str) -> None:
    """A crash, a time-out, memory that ran out, an invocation that was turned away: each ends where an alarm looks."""
    properties = TEMPLATE.functions()[name]
    for event in properties["Events"].values():
        match event["Type"]:
            case "HttpApi":
                assert watched("AWS/ApiGateway", "5xx") == [event["Properties"]["ApiId"]]
            case "DynamoDB":
                assert f"{name.title()}Function" in references(watched("AWS/Lambda", "IteratorAge"))
            case "SQS":
                assert failures_of(event["Properties"]["Queue"]) in given_up()
            case "ScheduleV2" | "EventBridgeRule":
                invoked = properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]
                turned_away = event["Properties"].get("DeadLetterConfig", {}).get("Arn", invoked)
                assert references([invoked]) == references([turned_away])
                assert references([invoked])[0] in given_up()
            case other:
                raise AssertionError(f"no alarm is known for {other}")


def failures_of(queue: Any) -> str:
    """The queue for what is given up of this one."""
    (name,) = references([queue])
    (failures,) = references([TEMPLATE.properties(name)["RedrivePolicy"]["deadLetterTargetArn"]])
    return failures


def given_up() -> list[str]:
    return references(watched("AWS/SQS", "ApproximateNumberOfMessagesVisible"))


def test_throttling_is_watched_for_the_account_whose_limit_it_is() -> None:
    """A function with concurrency of its own would have a limit of its own, as only the meter may have."""
    (alarm,) = (each for each in ALARMS.values() if each["MetricName"] == "Throttles")
    assert alarm.get("Dimensions", []) == []
    own = {name for name, each in TEMPLATE.functions().items() if "ReservedConcurrentExecutions" in each}
    assert own == {"meter"}


def test_an_alarm_is_not_charged_twice() -> None:
    """An alarm costs as much as the metrics that it looks at: none looks at what another does."""
    seen = [json.dumps([each["Namespace"], each["MetricName"], each.get("Dimensions", [])]) for each in ALARMS.values()]
    assert len(seen) == len(set(seen))


def test_poison_and_delay_of_every_reader_of_the_stream_are_watched() -> None:
    (poison,) = (each for each in ALARMS.values() if (each["Namespace"], each["MetricName"]) == (OURS, METRIC))
    assert poison["Dimensions"] == []
    assert sorted(consumers()) == ["archive", "project"]
    assert references(watched("AWS/Lambda", "IteratorAge")) == [
        f"{name.title()}Function" for name in sorted(consumers())
    ]


def test_every_queue_of_failures_is_watched() -> None:
    failures = [name for name in RESOURCES if name.endswith("Failures")]
    assert references(watched("AWS/SQS", "ApproximateNumberOfMessagesVisible")) == sorted(failures)


def test_the_oldest_message_of_every_queue_that_a_function_reads_is_watched() -> None:
    events = [event for each in TEMPLATE.functions().values() for event in each.get("Events", {}).values()]
    read = [event["Properties"]["Queue"] for event in events if event["Type"] == "SQS"]
    assert references(watched("AWS/SQS", "ApproximateAgeOfOldestMessage")) == references(read)


def test_every_alarm_tells_somebody_what_to_do_first() -> None:
    for alarm in ALARMS.values():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]
        assert re.search(r"\b[Ff]irst \w+", alarm["AlarmDescription"])
        assert len(alarm["AlarmDescription"]) <= 1024


@pytest.mark.parametrize("name", [name for name, alarm in ALARMS.items() if alarm["Namespace"] == OURS])
def test_an_alarm_of_ours_is_on_a_metric_that_the_code_emits(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    alarm = ALARMS[name]
    dimensions = frozenset(each["Name"] for each in alarm.get("Dimensions", []))
    assert Emitted(alarm["MetricName"], dimensions) in emitted(capsys)


def test_a_training_that_never_comes_rings_within_36_hours_and_in_the_limits_of_cloudwatch() -> None:
    alarm = ALARMS["TrainingMissingAlarm"]
    seconds = alarm["Period"] * alarm["EvaluationPeriods"]
    assert (seconds, alarm["TreatMissingData"]) == (36 * 3600, "breaching")
    assert alarm["Period"] >= 3600, "else a day is the most that an alarm may look back"
    assert RESOURCES["TrainingMissingAlarm"]["Condition"] == "TrainsItself"


def dashboard() -> dict[str, Any]:
    """The dashboard as CloudWatch is given it, but that names of resources stand for the resources."""
    text = TEMPLATE.properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    board: dict[str, Any] = json.loads(re.sub(r"\$\{([\w.:]+)\}", r"\1", text))
    return board


def test_the_dashboard_is_json_about_resources_of_the_template() -> None:
    text = TEMPLATE.properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    named = {each.partition(".")[0] for each in re.findall(r"\$\{([\w.:]+)\}", text)}
    assert {name for name in named if not name.startswith("AWS::")} <= set(RESOURCES)
    assert {widget["properties"]["region"] for widget in dashboard()["widgets"]} == {"AWS::Region"}


@pytest.mark.parametrize("metric", ["Errors", "Duration"])
def test_the_dashboard_shows_every_function_of_this_stack_and_of_no_other(metric: str) -> None:
    """How long it takes, of those that somebody waits for."""
    (widget,) = (each for each in dashboard()["widgets"] if metric in each["properties"]["metrics"][0])
    shown = [line[-1] for line in widget["properties"]["metrics"]]
    wanted = [name for name in TEMPLATE.functions() if metric == "Errors" or TEMPLATE.routes(name)]
    assert sorted(shown) == sorted(f"{name.title()}Function" for name in wanted)


def test_the_dashboard_shows_what_the_code_emits(capsys: pytest.CaptureFixture[str]) -> None:
    shown = set()
    for widget in dashboard()["widgets"]:
        for line in widget["properties"]["metrics"]:
            if isinstance(line[0], dict) and "Regulars/" in line[0]["expression"]:
                schema, metric = re.findall(r"\{(.*?)\} MetricName=\"(\w+)\"", line[0]["expression"])[0]
                shown.add(Emitted(metric, frozenset(schema.split(",")[1:])))
        if str(widget["properties"]["metrics"][0][0]).startswith("Regulars/"):
            shown |= {Emitted(line[1], frozenset()) for line in widget["properties"]["metrics"]}
    poison = Emitted(METRIC, frozenset())
    assert shown | {poison} == emitted(capsys), "what is emitted and not shown is paid for in vain"


def test_every_reader_reports_what_it_has_not_done_and_is_never_out_of_retries() -> None:
    for properties in consumers().values():
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["BisectBatchOnFunctionError"]
        assert properties["MaximumRetryAttempts"] == -1


def test_counters_never_skip_records_that_the_stream_still_has() -> None:
    """Of a delivery that failed halfway, no redrive could know what is counted."""
    assert "MaximumRecordAgeInSeconds" not in consumers()["project"]
