"""The picture of the architecture in the README, drawn from template.yaml: `python -m infra.picture`.

What calls or starts a function is its events; what it reads and writes is what its policies allow. So an arrow that a
person would forget to draw is there, and none that the template does not allow.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import typer

from infra.template import Template

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- Drawn from template.yaml by `make picture`. -->\n", "<!-- End of the picture. -->\n"
STORES = {
    "AWS::DynamoDB::Table": "[({})]",
    "AWS::S3::Bucket": "[({})]",
    "AWS::SQS::Queue": "[[{}]]",
    "AWS::SNS::Topic": "[/{}/]",
}
READS = re.compile(r"dynamodb:(BatchGet|Get|Query|Scan)|s3:GetObject|sqs:ReceiveMessage")
WRITES = re.compile(r"dynamodb:(BatchWrite|Put|Update|Delete)|s3:(Put|Delete)Object|sqs:SendMessage|sns:Publish")
MOST_PATHS = 4


class Arrow(NamedTuple):
    """From one node to another, with a word on it."""

    source: str
    target: str
    word: str = ""


def mermaid(template: Template) -> str:
    """The flowchart: nodes by kind, then what flows between them."""
    # In the order in which the picture has the fewest crossings.
    arrows = [*_kept(template), *_started(template), *_called(template)]
    drawn = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    nodes = [line for name, line in _nodes(template) if name in drawn]
    return "\n".join(["flowchart LR", *nodes, *_lines(arrows)]) + "\n"


def _lines(arrows: list[Arrow]) -> Iterator[str]:
    """One line between two nodes, however much flows and whichever way: more is not to be read."""
    pairs: dict[frozenset[str], list[Arrow]] = {}
    for arrow in arrows:
        pairs.setdefault(frozenset(arrow[:2]), []).append(arrow)
    for between in pairs.values():
        source, target, _ = between[0]
        line = "<-->" if any(arrow.source == target for arrow in between) else "-->"
        words = ", ".join(dict.fromkeys(arrow.word for arrow in between if arrow.word))
        yield f"    {source} {line}{f'|"{words}"|' if words else ''} {target}"


def _nodes(template: Template) -> Iterator[tuple[str, str]]:
    yield "callers", '    callers(["shop\'s pages and servers, shop systems"])'
    for name, each in template.functions().items():
        yield name, f"    {name}"
        yield from (
            (_clock(expression), f'    {_clock(expression)}(["{expression}"])')
            for expression in (_expression(event, template) for event in _events(each, "ScheduleV2"))
        )
        for event in _events(each, "EventBridgeRule"):
            yield _rule(event), f'    {_rule(event)}(["{", ".join(event["Pattern"]["detail-type"])}"])'
    for kind, shape in STORES.items():
        for name in template.of_type(kind):
            yield name, f"    {name}{shape.format(_spaced(name))}"


def _events(function: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in function.get("Events", {}).values() if each["Type"] == kind]


def _spaced(name: str) -> str:
    """`PrivacyJobs` as one reads it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _clock(expression: str) -> str:
    return "at_" + re.sub(r"\W+", "_", expression).strip("_")


def _rule(event: dict[str, Any]) -> str:
    return re.sub(r"\W+", "_", event["Pattern"]["source"][0])


def _expression(event: dict[str, Any], template: Template) -> str:
    expression = event["ScheduleExpression"]
    if isinstance(expression, str):
        return expression
    default: str = template.document["Parameters"][expression["Ref"]]["Default"]
    return default


def _called(template: Template) -> Iterator[Arrow]:
    for name, each in template.functions().items():
        routes = dict.fromkeys(_resource(event.get("Path", "")) for event in _events(each, "HttpApi"))
        if paths := [path for path in routes if path]:
            more = ", ..." if len(paths) > MOST_PATHS else ""
            yield Arrow("callers", name, ", ".join(paths[:MOST_PATHS]) + more)


def _resource(path: str) -> str:
    """`/v1/items/{item_id}` is about items; what a browser's library abbreviates is left out."""
    words = path.strip("/").split("/")
    return words[1] if len(words) > 1 and len(words[1]) > 1 else ""


def _started(template: Template) -> Iterator[Arrow]:
    for name, each in template.functions().items():
        yield from (Arrow(_logical(event["Stream"]), name, "stream") for event in _events(each, "DynamoDB"))
        yield from (Arrow(_logical(event["Queue"]), name) for event in _events(each, "SQS"))
        yield from (Arrow(_clock(_expression(event, template)), name) for event in _events(each, "ScheduleV2"))
        yield from (Arrow(_rule(event), name) for event in _events(each, "EventBridgeRule"))


def _kept(template: Template) -> Iterator[Arrow]:
    """What a function may read and write."""
    stores = {name for kind in STORES for name in template.of_type(kind)}
    for name, each in template.functions().items():
        read = [Arrow(store, name, word) for store, word in _touched(each, READS, stores)]
        written = [Arrow(name, store, word) for store, word in _touched(each, WRITES, stores)]
        # What comes first is drawn further left: who is called stands before the table, who is started behind it.
        yield from written + read if _events(each, "HttpApi") else read + written


def _touched(function: dict[str, Any], actions: re.Pattern[str], stores: set[str]) -> Iterator[tuple[str, str]]:
    """The stores that an allowed action touches, each with the prefix in the bucket that it is limited to."""
    for policy in function.get("Policies", []):
        for statement in policy["Statement"]:
            if any(actions.match(action) for action in _list(statement["Action"])):
                for store, prefix in _resources(_list(statement["Resource"])):
                    if store in stores:
                        yield store, prefix


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resources(resources: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Of `Table.Arn` the table, and of `${Bucket.Arn}/models/*` the bucket and the word."""
    for each in resources:
        if not isinstance(each, dict):
            continue
        if match := re.match(r"\$\{(\w+)\.Arn\}/(\w+)/", str(each.get("Fn::Sub", ""))):
            yield (match[1], "") if match[2] == "index" else (match[1], match[2])
        elif "Fn::GetAtt" in each:
            yield _logical(each), ""
        elif "Ref" in each:
            yield each["Ref"], ""


def _logical(reference: Any) -> str:
    name: str = reference["Fn::GetAtt"].split(".")[0]
    return name


def block(template: Template) -> str:
    """What stands between the marks in the README."""
    return f"{BEGIN}\n```mermaid\n{mermaid(template)}```\n\n{END}"


def drawn(text: str, template: Template) -> str:
    """The README with the picture in its place."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("The README has no place for the picture.")
    return before + block(template) + after


def main() -> None:
    """Draw the picture of the architecture into the README."""
    README.write_text(drawn(README.read_text(), Template.load()))


if __name__ == "__main__":
    typer.run(main)
