"""A vision BC-RNN small enough for tests, with everything random that training can have."""

from muse.cfgs.exp.quickstart.vis_bc_rnn import export as vis_bc_rnn
from muse.core.attrdict import AttrDict
from muse.datasets.data_augmentation import GaussianNoise

export = vis_bc_rnn & AttrDict(
    exp_name="tiny/{dataset}",
    dataset="tiny",
    batch_size=4,
    horizon=3,
    env_train=AttrDict(image_size=[24, 24], horizon=12),
    model=AttrDict(
        vision_encoder=AttrDict(img_embed_size=8, use_color_randomizer=True),
        action_decoder=AttrDict(hidden_size=8, dropout_p=0.3),
    ),
    trainer=AttrDict(
        max_steps=60,
        holdout_every_n_steps=7,
        log_every_n_steps=5,
        save_every_n_steps=4,
        save_checkpoint_every_n_steps=20,
        optimizer=AttrDict(
            base_scheduler=AttrDict(cls="torch.optim.lr_scheduler.StepLR", step_size=10, gamma=0.9),
        ),
        data_augmentation_params=AttrDict(
            cls="muse.datasets.data_augmentation.DataAugmentation",
            augment_keys=["position"],
            augment_fns=[GaussianNoise(0.5)],
        ),
        writer=None,
    ),
)
