"""Actions from -1 to 1, whatever the limits of those inside."""

from __future__ import annotations

from muse.core.attrdict import AttrDict
from muse.envs.env import Observation
from muse.envs.teleop.user_input import UserInput
from muse.envs.wrappers.wrapper import Wrapper, inner_spec


class NormalisedAction(Wrapper):
    """Maps -1..1 to the limits of every float action that has both."""

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec inside with limits of -1 and 1."""
        spec = inner_spec(env_params)
        rows = []
        for name in spec.action_names:
            row = spec.row(name)
            if row.dtype.kind == "f" and row.is_bounded:
                rows.append((name, row.shape, (-1.0, 1.0), row.dtype.name))
        return spec.derive(add_rows=rows).params

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action a person asks for, from -1 to 1."""
        asked = self.inner.teleop_action(user_input, obs)
        return self.inner.env_spec.scale_to_unit_box(asked, self._scaled())

    def _before(self, action: AttrDict) -> AttrDict:
        inside = self.inner.env_spec
        names = self._scaled()
        return inside.clip(inside.scale_from_unit_box(action, names), names)

    def _scaled(self) -> list[str]:
        inside = self.inner.env_spec
        rows = (inside.row(name) for name in inside.action_names)
        return [row.name for row in rows if row.dtype.kind == "f" and row.is_bounded]
