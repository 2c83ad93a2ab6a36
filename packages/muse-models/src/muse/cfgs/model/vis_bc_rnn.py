"""Vision BC-RNN: one ResNet-18 with spatial softmax for all cameras, LSTM 1000x2, squared error."""

from muse.cfgs.model.bc_rnn import export as bc_rnn
from muse.core.attrdict import AttrDict

export = bc_rnn & AttrDict(
    exp_name="_vis_bc-l2",
    state_encoder_order=["vision_encoder"],
    vision_encoder=AttrDict(
        cls="muse.models.vision.encoder.VisionEncoder",
        model_output="img_embedding",
        use_shared_params=True,
        backbone="resnet18",
        crop_random_frac=0.9,
        use_spatial_softmax=True,
        img_embed_size=64,
    ),
    action_decoder=AttrDict(hidden_size=1000),
)
