"""Behaviour cloning with state encoders and, where wanted, goals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, SpecError
from muse.core.params import Param
from muse.grouped_models.grouped_model import GroupedModel
from muse.models.losses import mse_action_loss, nll_action_loss
from muse.models.model import is_image, merged
from muse.models.specs import with_names

GOAL_PREFIX = "goal/"


class BaseGCBC(GroupedModel):
    """Goal-conditioned (or plain) behaviour cloning.

    Inputs are normalised, run through the encoders of `state_encoder_order`, joined by the goals
    and given to `action_decoder`, whose outputs are this model's. The loss is the likelihood of
    the demonstrated actions where the decoder has a distribution, else their squared error;
    `loss_fn` replaces it.

    With `action_normalization` the model predicts actions in normalised units. The statistics
    are saved in the model, the losses normalise their targets and the policy maps back, once.
    """

    required_models: ClassVar[tuple[str, ...]] = ("action_decoder",)

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("action_decoder", Any, help="an ActionDecoder: a group with cls, or an instance"),
        Param("state_encoder_order", list[str], [], help="encoders run before the decoder"),
        Param("state_names", list[str] | None, None, help="raw states the decoder sees beside"),
        Param("use_goal", bool, False, help="condition on goals"),
        Param("goal_names", list[str], [], help="goals the decoder sees, each 'goal/…'"),
        Param(
            "use_last_state_goal",
            bool,
            False,
            help="in training, the goal is the last state of the window",
        ),
        Param(
            "action_normalization",
            str,
            "none",
            choices=("none", "minmax", "gaussian"),
            help="units the actions are predicted in",
        ),
    )

    @classmethod
    def order_of(cls, params: AttrDict) -> list[str]:
        encoders = list((params << "state_encoder_order") or [])
        order = params << "model_order"
        return [*encoders, *cls.required_models] if order is None else list(order)

    def build(self) -> None:
        self.state_encoder_order: list[str] = list(self.params.state_encoder_order)
        self.goal_names = self._check_goals()
        # a goal that is a state by another name is normalised as that state is
        states = [(name, name[len(GOAL_PREFIX) :]) for name in self.goal_names]
        self._goals_like_states = [
            (name, state)
            for name, state in states
            if state in self._normalized_inputs and name not in self._normalized_inputs
        ]
        super().build()
        decoder = self["action_decoder"]
        self.action_names: list[str] = decoder.action_names
        self.head = decoder.head
        self.dist_out_name: str = decoder.dist_out_name
        self._normalized_actions = (
            () if self.params.action_normalization == "none" else tuple(self.action_names)
        )
        if self._loss_fn is None and not self.metrics:
            self._loss_fn = nll_action_loss if self.head.noise_size else mse_action_loss
        if "select_goal" not in self._loss_forward_kwargs and self.params.use_goal:
            self._loss_forward_kwargs["select_goal"] = True

    # -- building ---------------------------------------------------------------------------

    def base_spec(self) -> Any:
        """The spec, with those goals known that are states by another name."""
        states = {name: name[len(GOAL_PREFIX) :] for name in self.goal_names}
        shapes = {g: self.env_spec.shape(s) for g, s in states.items() if s in self.env_spec}
        return with_names(self.env_spec, shapes)

    def group_of(self, name: str, spec: Any) -> Any:
        group = super().group_of(name, spec)
        if name != "action_decoder" or not isinstance(group, AttrDict):
            return group
        if (group << "input_names") is None:
            encoded = [out for e in self.state_encoder_order for out in self[e].output_shapes()]
            group = group & AttrDict(input_names=[*encoded, *self.state_names(), *self.goal_names])
        return group

    def state_names(self) -> list[str]:
        """Return the raw states the decoder sees; by default all that are no images."""
        if self.params.state_names is not None:
            return list(self.params.state_names)
        spec = self.env_spec
        return [name for name in spec.observation_names if not is_image(spec, name)]

    def _check_goals(self) -> list[str]:
        names = list(self.params.goal_names)
        if self.params.use_goal != bool(names):
            raise ParamError(
                f"{type(self).__name__}: use_goal={self.params.use_goal} with goal_names={names}; "
                "set both or neither"
            )
        wrong = [name for name in names if not name.startswith(GOAL_PREFIX)]
        if wrong:
            raise ParamError(
                f"{type(self).__name__}: goal_names {wrong}, expected '{GOAL_PREFIX}…'"
            )
        return names

    def _names_to_save(self) -> Sequence[str]:
        names = list(super()._names_to_save())
        if not self.ignore_inputs and self.params.action_normalization != "none":
            names += [name for name in self._action_names_from_params() if name not in names]
        return names

    def _minmax_names(self) -> Sequence[str]:
        names = list(super()._minmax_names())
        if not self.ignore_inputs and self.params.action_normalization == "minmax":
            names += [name for name in self._action_names_from_params() if name not in names]
        return names

    def _action_names_from_params(self) -> Sequence[str]:
        # asked for before the decoder is built
        decoder = self.params.action_decoder
        if isinstance(decoder, AttrDict):
            return (decoder << "action_names") or self.env_spec.action_names
        return decoder.action_names

    # -- forward ----------------------------------------------------------------------------

    @property
    def normalized_output_names(self) -> tuple[str, ...]:
        return self._normalized_actions

    @property
    def noise_size(self) -> int:
        return self.head.noise_size

    def compute(self, inputs: AttrDict, select_goal: bool = False, **kwargs: Any) -> AttrDict:
        """Return the actions for `inputs` `(B, H, …)`.

        Args:
            select_goal: make the goals of the window's last state (with `use_last_state_goal`);
                goals in the inputs are used as they are otherwise.
            kwargs: `<model>_kwargs` for the models inside.
        """
        self._refuse_kwargs(kwargs)

        def run(name: str, seen: AttrDict) -> AttrDict:
            return self._modules[name](seen, **self.get_kwargs(name, kwargs))  # type: ignore[misc]

        return self._decode(inputs, select_goal, run)

    def online_step(
        self, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        memory = memory.copy()

        def run(name: str, seen: AttrDict) -> AttrDict:
            return self.step_model(name, seen, memory)

        out = self._decode(merged(obs, goal), False, run)
        return out, memory

    def _decode(
        self, inputs: AttrDict, select_goal: bool, run: Callable[[str, AttrDict], AttrDict]
    ) -> AttrDict:
        if self.goal_names:
            inputs = self._with_goals(inputs, select_goal)
        seen = self.normalize(inputs)
        for name, state in self._goals_like_states:
            seen[name] = self.normalizer_of(state).apply_to(state, seen[name])
        if self.state_encoder_order:
            seen = seen.copy()
            for name in self.state_encoder_order:
                for key, value in run(name, seen).items():
                    seen[key] = value
        return run("action_decoder", seen)

    def _with_goals(self, inputs: AttrDict, select: bool) -> AttrDict:
        """Return the inputs with every goal `(B, H, …)`, one for each step."""
        from_last = select and self.params.use_last_state_goal
        horizon = _horizon(inputs, self.goal_names)
        result = inputs.copy()
        for name in self.goal_names:
            if not from_last and name not in inputs:
                raise SpecError(
                    f"{type(self).__name__}: no goal {name!r} in the inputs; give one, or train "
                    "with use_last_state_goal=True"
                )
            goal = inputs[name[len(GOAL_PREFIX) :]][:, -1:] if from_last else inputs[name]
            if goal.shape[1] == 1 and horizon > 1:
                goal = goal.expand(goal.shape[0], horizon, *goal.shape[2:])
            result[name] = goal
        return result

    def decode_action(
        self,
        out: AttrDict,
        names: Sequence[str],
        mode: str = "mean",
        uniform: Tensor | None = None,
        normal: Tensor | None = None,
    ) -> AttrDict:
        return self["action_decoder"].decode_action(out, names, mode, uniform, normal)


def _horizon(inputs: AttrDict, goal_names: Sequence[str]) -> int:
    """Return H of the observations."""
    for name, value in inputs.leaf_items():
        if (
            name not in goal_names
            and not name.startswith(GOAL_PREFIX)
            and getattr(value, "ndim", 0) >= 2
        ):
            return int(value.shape[1])
    return 1
