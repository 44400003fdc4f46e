"""Batch normalization in one kernel. Keras computes it in several passes, half of a training step on a CPU."""

from __future__ import annotations

import keras


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """`BatchNormalization` over the last axis through TensorFlow's fused kernel; the same on other backends.

    Weights have the same names, shapes and meaning, so they can be set on a plain `BatchNormalization`.
    What it saves: `training/RESULTS.md`.
    """

    def call(self, inputs, training=None, mask=None):
        if keras.backend.backend() != "tensorflow" or not training:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        gamma, beta = tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, tf.cast(gamma, tf.float32), tf.cast(beta, tf.float32), epsilon=self.epsilon, is_training=True
        )
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        self.moving_variance.assign(self.moving_variance * self.momentum + variance * (1 - self.momentum))
        return outputs
