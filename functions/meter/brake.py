"""The brake: shuts the API and switches schedules off, and puts back what stood before. Each step may be repeated."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from shared.domain.budget import SHUT, Kept, Throttle

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

STAGE = "$default"
ALL_OTHERS = ""
ACCOUNTS = Throttle(10_000.0, 5_000)
"""Of an account that never asked for more."""
READ_ONLY = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata", "State"}
"""Of a schedule, what an update does not take. It replaces all the rest, so that has to go back as it came."""


class Brake:
    """The stage of one API, and some schedules; these are switched on again only if the deployment has them so."""

    def __init__(
        self,
        gateway: "ApiGatewayV2Client",
        scheduler: "EventBridgeSchedulerClient",
        api_id: str,
        schedules: Iterable[str],
        *,
        are_on: bool = True,
    ) -> None:
        self._gateway = gateway
        self._scheduler = scheduler
        self._api_id = api_id
        self._schedules = list(schedules)
        self._are_on = are_on

    def running(self) -> Kept:
        """What lets something through now: throttles that are not shut, and schedules that are on."""
        throttles = {route: _throttle(settings) for route, settings in self._throttled().items()}
        on = (name for name in self._schedules if self._scheduler.get_schedule(Name=name)["State"] == "ENABLED")
        return Kept(
            throttles={route: each for route, each in throttles.items() if not each.is_shut}, schedules=frozenset(on)
        )

    def stop(self, running: Kept) -> None:
        """Shut these throttles, and switch these schedules off."""
        self._set_throttles(dict.fromkeys(running.throttles, SHUT))
        for name in sorted(running.schedules):
            self._set_schedule(name, "DISABLED")

    def release(self, kept: Kept) -> None:
        """Put these back, where nobody else has done so meanwhile: what a deployment has set stays."""
        running, there = self.running(), self._throttled()
        gone = {route: each for route, each in kept.throttles.items() if route in there}
        self._set_throttles({route: each for route, each in gone.items() if route not in running.throttles})
        off = kept.schedules & set(self._schedules) - running.schedules
        for name in sorted(off) if self._are_on else ():
            self._set_schedule(name, "ENABLED")

    def _throttled(self) -> dict[str, Any]:
        """The settings of the stage, and of the routes that have a throttle of their own."""
        stage = self._stage()
        own = {route: each for route, each in stage.get("RouteSettings", {}).items() if "ThrottlingRateLimit" in each}
        return {ALL_OTHERS: stage.get("DefaultRouteSettings", {}), **own}

    def _set_throttles(self, throttles: Mapping[str, Throttle]) -> None:
        """What stands beside a limit goes back as it came: nothing says whether an update keeps what it leaves out."""
        if not throttles:
            return
        stage = self._stage()
        whole, routes = stage.get("DefaultRouteSettings", {}), dict(stage.get("RouteSettings", {}))
        for route, each in throttles.items():
            limits = {"ThrottlingRateLimit": each.rate, "ThrottlingBurstLimit": each.burst}
            if route == ALL_OTHERS:
                whole = whole | limits
            else:
                routes[route] = routes.get(route, {}) | limits
        both: Any = {"DefaultRouteSettings": whole} | ({"RouteSettings": routes} if routes else {})
        self._gateway.update_stage(ApiId=self._api_id, StageName=STAGE, **both)

    def _stage(self) -> Any:
        return self._gateway.get_stage(ApiId=self._api_id, StageName=STAGE)

    def _set_schedule(self, name: str, state: Literal["ENABLED", "DISABLED"]) -> None:
        schedule: Any = self._scheduler.get_schedule(Name=name)
        as_it_is = {key: value for key, value in schedule.items() if key not in READ_ONLY}
        self._scheduler.update_schedule(**as_it_is, State=state)


def _throttle(settings: Any) -> Throttle:
    """Where a stage names no limit, the account's holds."""
    rate = settings.get("ThrottlingRateLimit", ACCOUNTS.rate)
    return Throttle(rate, settings.get("ThrottlingBurstLimit", ACCOUNTS.burst))
