"""M2 over features with a deeper decoder, trained by the bounds from the mixture on.

The generative model of a feature vector f is that of `vae.mixture`, p(y) p(z) p(f|y,z),
with a network in the decoder: the mean of p(f|y,z) is m_y + W z + g(y, z).
"""

import math

import numpy as np
from scipy import linalg

from ssvae.config.settings import Config
from ssvae.vae import feature_networks as networks
from ssvae.vae.m2 import M2
from ssvae.vae.mixture import Deep, GaussianMixture, Linear
from ssvae.vae.networks import LOGITS

# Dimensions of z, at most: the directions in which a class varies most.
LATENT_DIM = 50
# Part of the variance in these directions that z explains at the start; the rest is
# noise. Any part gives the same p(f|y).
EXPLAINED = 0.5


class FeatureM2(M2):
    """M2 over feature vectors that starts as a mixture of Gaussians.

    Vectors are described in coordinates in which the mixture's covariance is the unit
    matrix. There the mixture is exactly M2 with W = sqrt(`EXPLAINED`) in the first
    directions, and the posterior of its z is linear. So the networks begin with the
    weights that EM found, and the hidden layers beside them add 0.

    Args:
        mixture: `GaussianMixture` to start from.
        config: `Config` of networks and training; `latent_dim` at most d.

    Attributes:
        white: float32 array `(d, d)`: vectors times it are what the model describes.
    """

    scale_each = True

    def __init__(self, mixture: GaussianMixture, config: Config):
        num_classes, size = mixture.means.shape
        super().__init__((1, 1, size), num_classes, config)
        self.white = _whitening(mixture.covariance)
        means = mixture.means @ self.white
        self.log_prior.assign(mixture.log_shares)
        _set(self.decoder, networks.MEANS, means)
        share, width = math.sqrt(EXPLAINED), config.latent_dim
        loadings = share * np.eye(width, size, dtype=np.float32)
        _set(self.decoder, networks.LOADINGS, loadings)
        # The posterior of z given f and y: mean W^T (f - m_y), variance 1 - EXPLAINED.
        _set(self.encoder_body, networks.CODES, loadings.T)
        _set(self.encoder_head, networks.CODES, -means @ loadings.T)
        spread = np.full(width, math.log(1 - EXPLAINED), np.float32)
        layer = self.encoder_head.get_layer(networks.MOMENTS)
        layer.bias.assign(np.r_[np.zeros(width, np.float32), spread])
        scale = np.zeros((1, 1, size), np.float32)
        scale[..., :width] = spread / 2
        self.log_scale.assign(scale)
        layer = self.classifier.get_layer(LOGITS)
        hidden = np.zeros((config.hidden_units, num_classes), np.float32)
        bias = mixture.log_shares - 0.5 * np.sum(means**2, axis=1)
        layer.set_weights([np.concatenate([means.T, hidden]), bias])

    def _build_networks(self, shape, backbone):
        """Build classifier, encoder and decoder of vectors."""
        size, config, num_classes = shape[-1], self.config, self.num_classes
        self._backbone = ""
        self.classifier = networks.build_classifier(size, num_classes, config)
        self.encoder_body = networks.build_encoder_body(size, config)
        self.encoder_head = networks.build_encoder_head(num_classes, config)
        self.decoder = networks.build_decoder(size, num_classes, config)

    def described(self, vectors: np.ndarray) -> np.ndarray:
        """Return vectors `(n, d)` as the model takes them, float32 `(n, 1, 1, d)`."""
        return (vectors @ self.white)[:, None, None]

    def learned(self) -> Deep:
        """Return q(y|f) of vectors as they come, not as the model describes them."""
        kernel, bias = self.classifier.get_layer(networks.HIDDEN).get_weights()
        hidden = Linear(self.white @ kernel, bias)
        kernel, bias = self.classifier.get_layer(LOGITS).get_weights()
        size = len(self.white)
        kernel = np.concatenate([self.white @ kernel[:size], kernel[size:]])
        return Deep(kernel, bias, hidden)


def _whitening(covariance):
    """Return the directions in which the variance is 1, the longest first."""
    variances, directions = linalg.eigh(covariance.astype(np.float64))
    white = directions[:, ::-1] / np.sqrt(variances[::-1])
    return white.astype(np.float32)


def _set(network, name, kernel):
    """Give a layer without bias its kernel."""
    network.get_layer(name).set_weights([kernel])
