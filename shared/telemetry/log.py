"""What a function writes into its log: lines of JSON that name its level, the function and the request it belongs to.

Never what a request carried. An exception is told by its type and where it came from, and not by its words, since many
a library's quote the value that they did not like.
"""

import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

OURS = ("functions", "shared", "training")
"""Exceptions of these speak in words of our own, which hold nothing of a shopper's."""

type Handler = Callable[[dict[str, Any], Any], Any]


class FailedError(Exception):
    """A function failed by an exception that is not ours; what it said is left out."""


class Wordless(LambdaPowertoolsFormatter):
    """Powertools' lines, with exceptions by their type and frames."""

    def _extract_log_exception(self, log_record: Any) -> Any:
        """Called by the base class for what a line tells of an exception."""
        if not (isinstance(log_record.exc_info, tuple) and log_record.exc_info[1]):
            return None, None, None
        error = log_record.exc_info[1]
        return where(error), named(error), None


logger = Logger(logger_formatter=Wordless(serialize_stacktrace=False, utc=True, use_rfc3339=True))
logger.remove_keys(["service"])


def begin(function: str, correlation_id: str) -> None:
    """From here on, every line is of this function's work on this request."""
    logger.append_keys(function=function, correlation_id=correlation_id)


def of_request() -> dict[str, Any]:
    """What every line says of whose it is, for lines that are not the logger's."""
    keys = logger.get_current_keys()
    return {name: keys.get(name, "") for name in ("function", "correlation_id")}


def observed(function: str) -> Callable[[Handler], Handler]:
    """A handler whose lines can be told apart by request, and which never fails with words that are not ours.

    What escapes a handler is written into the log by Lambda itself, words and all, and handed to whoever invoked it.
    """

    def observe(handler: Handler) -> Handler:
        def handle(event: dict[str, Any], context: Any) -> Any:
            begin(function, _correlation_id(event, context))
            try:
                return handler(event, context)
            except Exception as error:
                logger.exception("failed")
                raise _spoken(error) from None

        return handle

    return observe


def named(error: BaseException) -> str:
    """An exception by its type, and of AWS's also which call was refused and how."""
    refused = getattr(error, "response", None)
    code = refused.get("Error", {}).get("Code") if isinstance(refused, dict) else None
    words = dict.fromkeys(
        [type(error).__name__, *([code, "of", getattr(error, "operation_name", "?")] if code else [])]
    )
    return " ".join(words)


def where(error: BaseException) -> str:
    """Where an exception came from, and those that it came from, the first one last."""
    told = "\n".join(_frames(error.__traceback__))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{told}\nfrom {named(before)}\n{where(before)}" if before else told


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _spoken(error: Exception) -> Exception:
    if type(error).__module__.partition(".")[0] in OURS:
        return error
    return FailedError(f"{named(error)}: the function's log has where it came from.")


def _correlation_id(event: Any, context: Any) -> str:
    """The gateway's id of a request, which its caller has too as `instance`; else Lambda's of the invocation."""
    request = event.get("requestContext", {}).get("requestId") if isinstance(event, dict) else None
    return str(request or getattr(context, "aws_request_id", None) or "unknown")
