"""The size that suits the images of a data set."""

import pytest

from ssvae.data.sizes import suited_size


@pytest.mark.parametrize(
    ("sizes", "suited"),
    [
        # One size for all.
        ([(28, 28)], (28, 28)),
        ([(224, 100)] * 3, (224, 100)),
        ([(3000, 4000)] * 3, (168, 224)),
        ([(225, 225)], (224, 224)),
        # So long that a side would be too short for the networks.
        ([(10, 5000)], (4, 224)),
        # Mixed sizes.
        ([(3000, 4000), (4000, 3000)], (224, 224)),
        ([(20, 90), (40, 30), (70, 50)], (30, 30)),
        ([(200, 224), (150, 200)], (175, 175)),
        ([(100, 300), (100, 200)], (224, 224)),
        # A few large images do not enlarge many small ones.
        ([(32, 32)] * 99 + [(3000, 4000)], (32, 32)),
        ([(32, 32)] * 90 + [(3000, 4000)] * 10, (224, 224)),
    ],
)
def test_the_size_suits_the_images(sizes, suited):
    assert suited_size(sizes) == suited


def test_the_choice_is_said_only_where_images_change():
    said = []
    suited_size([(28, 30)] * 2, said.append)
    assert not said
    suited_size([(32, 48), (3000, 4000), (50, 40)], said.append)
    suited_size([(600, 800)], said.append)
    assert said == [
        "Images of mixed sizes, 48x32 to 4000x3000 pixels: brought to 224x224.",
        "Images of 800x600 pixels: brought to 224x168.",
    ]
