"""`regulars sentiment` and `regulars evaluate-sentiment`. They load the model only when they are called."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infra.cli.calls import told
from infra.cli.evaluation import NotPossibleError
from infra.cli.options import AsJson, Key, Local, Stack, find
from shared.domain.feedback_settings import FeedbackSettings, Trade
from shared.domain.sentiment import Label

if TYPE_CHECKING:
    from infra.evaluation.opinions import Apart, OpinionReport
    from shared.inference.sentiment.model import SentimentModel

console = Console()
NEUTRAL: Label = "neutral"
COLOURS = {"positive": "green", "negative": "red", "neutral": "yellow"}


def run_sentiment(
    texts: Annotated[list[str], typer.Argument(help="One or more texts.")],
    api: Annotated[bool, typer.Option("--api", help="Ask the API of a deployment instead of this machine.")] = False,
    model: Annotated[Path | None, typer.Option(help="The folder of another model than the carried one.")] = None,
    trade: Annotated[Trade, typer.Option(help="Whose aspects are looked for.")] = "retail",
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """How texts feel, and which words say so; by the model on this machine, without a deployment."""
    if api or local:
        with find(local, stack, key).api(key) as deployed:
            report = told(deployed.post("/v1/sentiment", json={"texts": texts}))
    else:
        report = analyse(texts, model, trade)
    show(texts, report, as_json)


def run_sentiment_evaluation(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL or Parquet, one text a row.")],
    text: Annotated[str, typer.Option(help="The column of the text.")],
    label: Annotated[
        str, typer.Option(help="The column of the label: positive, neutral, negative; 0 and 1; -1 to 1; 1 to 5 stars.")
    ],
    meaning: Annotated[
        list[str] | None, typer.Option("--map", help="What a label means: happy=positive, odd=skip. May be repeated.")
    ] = None,
    three_stars: Annotated[
        bool, typer.Option("--three-stars-neutral", help="Three stars of five are neutral; else they are left out.")
    ] = False,
    model: Annotated[Path | None, typer.Option(help="The folder of another model than the carried one.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many texts, drawn by a seed.")] = None,
    peers: Annotated[bool, typer.Option(help="Also VADER and TextBlob, where they are installed.")] = True,
    as_json: AsJson = False,
) -> None:
    """How often the sentiment model is right on any labelled texts, beside VADER and TextBlob.

    With two labels the sign of the score decides, with three the label. Every text is judged as if it were English.
    The API abstains from other languages: texts that seem to be in one are counted, and reported apart once more.
    """
    neutral = NEUTRAL if three_stars else None
    show_report(evaluate(file, text, label, meaning or [], neutral, model, peers, limit), as_json)


def model_of(folder: Path | None) -> "SentimentModel":
    """The model of a folder, or the one that artefacts carry, which is made first where it is not there.

    Raises `NotPossibleError`.
    """
    try:
        from infra import sentiment  # noqa: PLC0415
        from shared.inference.sentiment.card import BadArtefact  # noqa: PLC0415
        from shared.inference.sentiment.model import SentimentModel  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotPossibleError(
            f"The sentiment model needs onnxruntime and numpy ({error}): run `make setup`."
        ) from error
    try:
        return SentimentModel.load(folder or sentiment.folder())
    except BadArtefact as error:
        raise NotPossibleError(str(error)) from error


def analyse(texts: list[str], folder: Path | None, trade: Trade) -> dict[str, Any]:
    """What the model on this machine says: the API's own answer."""
    model = model_of(folder)
    from functions.feedback.sentiment import SentimentRequest, answer  # noqa: PLC0415 - as the model
    from shared.inference.understanding import Analyst  # noqa: PLC0415

    asked = SentimentRequest.model_construct(texts=texts)  # as many as were typed
    return answer(asked, Analyst(model, FeedbackSettings(trade=trade))).model_dump(mode="json")


def show(texts: list[str], report: dict[str, Any], as_json: bool) -> None:
    """One line a text, with the words that weighed most."""
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    table = Table("text", "label", "score", "confidence", "because of", box=None, header_style="bold")
    for each in report["results"]:
        label = f"[{COLOURS[each['label']]}]{each['label']}[/]" + (" (unsure)" if each["abstained"] else "")
        table.add_row(
            _short(texts[each["index"]]), label, f"{each['score']:+.2f}", f"{each['confidence']:.2f}", _because(each)
        )
        for aspect in each["aspects"]:
            table.add_row(
                f"  {aspect['aspect']}", aspect["label"], f"{aspect['score']:+.2f}", f"{aspect['confidence']:.2f}", ""
            )
    console.print(table)
    for each in report.get("rejected", []):
        console.print(f"text {each['index'] + 1}: {each['message']}", markup=False)


def _because(result: dict[str, Any]) -> str:
    heavy = sorted(result["evidence"], key=lambda each: -abs(each["weight"]))[:4]
    return ", ".join(f"{_short(each['text'], 20)} {each['weight']:+.1f}" for each in heavy)


def _short(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= most else f"{line[: most - 1]}…").replace("[", "\\[")


def evaluate(
    file: Path,
    text: str,
    label: str,
    own: list[str],
    three_stars: Label | None,
    model: Path | None,
    with_peers: bool,
    limit: int | None = None,
) -> "OpinionReport":
    """How the model and its peers do on a labelled file, or on `limit` of its texts.

    Raises `NotPossibleError` and `SourceError`.
    """
    loaded = model_of(model)
    from infra.evaluation import opinions  # noqa: PLC0415 - with numpy
    from infra.evaluation.labels import UnknownLabelsError  # noqa: PLC0415
    from infra.evaluation.opinionated import peers  # noqa: PLC0415

    try:
        data = opinions.labelled(file, text, label, _pairs(own), three_stars).drawn(limit)
    except UnknownLabelsError as error:
        raise NotPossibleError(str(error)) from error
    with Console(stderr=True).status(f"judging {len(data.texts):,} texts"):
        return opinions.evaluate(file, data, loaded, peers() if with_peers else {})


def _pairs(own: list[str]) -> dict[str, str]:
    pairs = [each.rpartition("=") for each in own]
    if bad := [each for each, (value, _, meaning) in zip(own, pairs, strict=True) if not (value and meaning)]:
        raise typer.BadParameter(f"{bad[0]}: say LABEL=positive, =neutral, =negative or =skip", param_hint="--map")
    return {value: meaning for value, _, meaning in pairs}


def show_report(report: "OpinionReport", as_json: bool) -> None:
    """The methods side by side."""
    if as_json:
        print(report.model_dump_json())
        return
    labels = ", ".join(f"{count:,} {label}" for label, count in report.labels.items())
    left = "".join(f"; left out: {count:,} {what}" for what, count in report.left_out.items())
    console.print(f"{report.file}: {report.n:,} texts ({labels}{left})", markup=False, highlight=False)
    columns = ["accuracy", "macro-F1", "calibration error", "ms a text", "abstained", "accuracy of the rest"]
    table = Table("method", *columns, box=None, header_style="bold")
    for name, found in report.methods.items():
        figures = [
            f"{found.accuracy:.3f}",
            f"{found.macro_f1:.3f}",
            f"{found.calibration_error:.3f}",
            f"{found.ms_a_text:.2f}",
        ]
        table.add_row(name, *figures, f"{found.abstained:.0%}", f"{found.accuracy_unless_abstained:.3f}")
    console.print(table)
    if report.another_language:
        console.print(_apart(report, report.another_language), markup=False, highlight=False)


def _apart(report: "OpinionReport", foreign: "Apart") -> str:
    """What the model is not made for, of which the table has the figures too."""
    known = ", ".join(f"{language} {count:,}" for language, count in report.languages.items())
    right = ", ".join(f"{name} {found.accuracy:.3f}" for name, found in foreign.methods.items())
    return (
        f"Of these {foreign.n:,} seem to be in a language that the API would abstain from ({known}). "
        f"Judged all the same, accuracy on them: {right}."
    )
