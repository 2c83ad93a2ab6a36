from __future__ import annotations

import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.core.errors import CheckpointError, ParamError, SpecError
from muse.models.vision import (
    ColorRandomizer,
    CropRandomizer,
    ErasingRandomizer,
    SpatialSoftmax,
    VisionCore,
    VisionEncoder,
    get_resnet18_encoder_layer,
    resnet18,
    resnet34,
    resnet50,
)


def published_names(depths, convs):
    """The state dict names of torchvision's residual networks, by rule."""

    def norm(prefix):
        parts = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        return [f"{prefix}.{part}" for part in parts]

    names = ["conv1.weight", *norm("bn1")]
    for stage, depth in enumerate(depths, 1):
        for block in range(depth):
            at = f"layer{stage}.{block}"
            for conv in range(1, convs + 1):
                names += [f"{at}.conv{conv}.weight", *norm(f"{at}.bn{conv}")]
            if block == 0 and (stage > 1 or convs == 3):
                names += [f"{at}.downsample.0.weight", *norm(f"{at}.downsample.1")]
    return [*names, "fc.weight", "fc.bias"]


@pytest.mark.parametrize(
    "make,depths,convs,count",
    [
        (resnet18, (2, 2, 2, 2), 2, 11_689_512),
        (resnet34, (3, 4, 6, 3), 2, 21_797_672),
        (resnet50, (3, 4, 6, 3), 3, 25_557_032),
    ],
)
def test_resnets_have_the_published_names_and_sizes(make, depths, convs, count):
    net = make()
    assert list(net.state_dict()) == published_names(depths, convs)
    assert sum(p.numel() for p in net.parameters()) == count


def test_resnet_outputs():
    net = resnet18(num_classes=None)
    assert net(torch.zeros(1, 3, 64, 96)).shape == (1, 512, 2, 3)
    assert resnet18(10, norm="group")(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert not any("running" in k for k in resnet18(norm="group").state_dict())
    with pytest.raises(ParamError, match="norm='layer'"):
        resnet18(norm="layer")


def test_weights_file(tmp_path):
    source = resnet18()
    torch.save(source.state_dict(), tmp_path / "weights.pth")
    core = VisionCore((64, 64, 3), weights_file=tmp_path / "weights.pth")
    assert torch.equal(core.backbone.layer4[1].conv2.weight, source.layer4[1].conv2.weight)
    with pytest.raises(CheckpointError, match="no weights_file"):
        VisionCore((64, 64, 3), weights_file=tmp_path / "other.pth")
    torch.save(resnet34().state_dict(), tmp_path / "deep.pth")
    with pytest.raises(CheckpointError, match="unexpected: layer1.2.conv1.weight"):
        VisionCore((64, 64, 3), weights_file=tmp_path / "deep.pth")
    (tmp_path / "broken.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(CheckpointError, match="cannot read"):
        VisionCore((64, 64, 3), weights_file=tmp_path / "broken.pth")


@pytest.mark.parametrize("row,column", [(0, 0), (4, 8), (2, 6), (4, 0)])
def test_spatial_softmax_finds_a_peak(row, column):
    features = torch.zeros(1, 2, 5, 9)
    features[0, 1, row, column] = 100.0
    points = SpatialSoftmax(2)(features).view(2, 2)
    assert torch.allclose(points[0], torch.zeros(2), atol=1e-5)
    expected = torch.tensor([column / 4 - 1, row / 2 - 1])
    assert torch.allclose(points[1], expected, atol=1e-5)


def test_spatial_softmax_temperature_and_bounds():
    features = torch.zeros(1, 1, 5, 5)
    features[0, 0, 0, 4] = 1.0
    sharp, blunt = (SpatialSoftmax(1, temperature=t)(features) for t in (0.1, 10.0))
    assert sharp[0, 0] > blunt[0, 0] > 0 and sharp.abs().max() <= 1
    learned = SpatialSoftmax(4, 3, learn_temperature=True)
    assert learned.temperature.requires_grad and learned.out_size == 6
    with pytest.raises(ParamError, match="temperature"):
        SpatialSoftmax(1, temperature=0.0)


def test_crop_is_one_for_a_sequence_and_central_in_evaluation():
    at = torch.arange(20 * 30).view(20, 30, 1)
    images = at.expand(4, 3, 20, 30, 1)
    crop = CropRandomizer(10, 12)
    out = crop(images)
    assert out.shape == (4, 3, 10, 12, 1)
    assert torch.equal(out[:, 0], out[:, 1]) and torch.equal(out[:, 0], out[:, 2])
    corners = set()
    for _ in range(20):
        corners |= set(crop(images)[:, 0, 0, 0, 0].tolist())
    assert len(corners) > 10  # rows and calls differ
    crop.eval()
    assert torch.equal(crop(images), images[:, :, 5:15, 9:21])
    assert torch.equal(crop(images), crop(images))
    with pytest.raises(ParamError, match="20x30"):
        CropRandomizer(21, 10)(images)


def test_both_ways_to_crop_agree():
    images = torch.randint(0, 256, (4, 3, 20, 30, 3), dtype=torch.uint8)
    crop = CropRandomizer(10, 12)
    tops, lefts = torch.tensor([0, 3, 10, 5]), torch.tensor([18, 0, 7, 2])
    assert torch.equal(crop._slice(images, tops, lefts), crop._gather(images, tops, lefts))


@pytest.mark.parametrize("make", [ColorRandomizer, lambda: ErasingRandomizer(p=1.0)])
def test_randomizers_only_train_and_alike_over_time(make):
    randomizer = make()
    images = torch.rand(4, 1, 3, 16, 16).expand(4, 3, 3, 16, 16)
    out = randomizer(images)
    assert out.shape == images.shape and not torch.allclose(out, images)
    assert out.min() >= 0 and out.max() <= 1
    assert torch.equal(out[:, 0], out[:, 2])
    assert torch.equal(randomizer.eval()(images), images)


def test_colour_matrices():
    same = ColorRandomizer(0, 0, 0, hue=1e-12)
    images = torch.rand(2, 1, 3, 4, 4)
    assert torch.allclose(same(images), images, atol=1e-5)


def test_random_numbers_come_from_torchs_generator():
    core = VisionCore(
        (24, 32, 3), "small_cnn", use_color_randomizer=True, use_erasing_randomizer=True
    )
    images = torch.randint(0, 256, (2, 3, 24, 32, 3), dtype=torch.uint8)
    state = torch.get_rng_state()
    first = core(images)
    torch.set_rng_state(state)
    assert torch.equal(core(images), first)
    assert not torch.equal(core(images), first)


@pytest.mark.parametrize("backbone", ["resnet18", "small_cnn"])
@pytest.mark.parametrize("keypoints", [True, False])
def test_core_shapes(backbone, keypoints):
    core = VisionCore((64, 48, 3), backbone, use_spatial_softmax=keypoints, img_embed_size=20)
    images = torch.randint(0, 256, (2, 3, 64, 48, 3), dtype=torch.uint8)
    assert core(images).shape == (2, 3, 20)
    with pytest.raises(SpecError, match="uint8"):
        core(images.float())


def encoder(tools, **params):
    spec = tools.make_spec(observation_names=["pos", "image", "side"])
    base = AttrDict(backbone="small_cnn", img_embed_size=10)
    return VisionEncoder(base & AttrDict(params), spec), tools.make_batch(spec)


@pytest.mark.parametrize("shared", [True, False])
def test_encoder_of_two_cameras(tools, shared):
    model, (inputs, _) = encoder(tools, use_shared_params=shared)
    assert model.model_inputs == ["image", "side"]
    out = model(inputs)
    assert out.img_embedding.shape == (3, 6, 20)
    assert model.output_shapes() == {"img_embedding": (20,)}
    model.eval()
    swapped = AttrDict(image=inputs.side, side=inputs.image)
    halves = model(inputs).img_embedding.chunk(2, -1)
    turned = model(swapped).img_embedding.chunk(2, -1)
    assert torch.allclose(halves[0], turned[1], atol=1e-5) == shared
    assert torch.equal(model(inputs).img_embedding, model(inputs).img_embedding)


def test_encoder_with_a_declared_network(tools):
    layer = get_resnet18_encoder_layer((24, 32, 3), img_embed_size=12, norm="group")
    model, (inputs, _) = encoder(tools, network=layer)
    assert model(inputs).img_embedding.shape == (3, 6, 24)


def test_encoder_needs_images(spec):
    with pytest.raises(ParamError, match="no images"):
        VisionEncoder(AttrDict(), spec)
    with pytest.raises(ParamError, match="'pos' has shape"):
        VisionEncoder(AttrDict(model_inputs=["pos"]), spec)
