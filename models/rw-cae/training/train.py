"""Trains the convolutional autoencoder of the package `rw-cae` and exports it to ONNX.

The architecture is that of Capelli et al., arXiv 2604.08424: on the standardised window as a 1 x parameters x frames image,
twice (convolution 3x3, batch norm, max pool (1,2), ReLU) with 38 and 76 filters, a linear layer to the latent vector, and a
mirrored decoder (linear, then twice: transposed convolution (1,2), convolution 3x3, ReLU, batch norm; last convolution 1x1).
Trained on nominal telemetry only, Adam, mean squared error. Scaling is inside the exported graph: it takes and gives
engineering values [n, parameters, frames].

Needs Debian's python3-torch and python3-numpy (or any PyTorch from 1.13 on). See README.md beside this file.
"""
import argparse
import csv
import json
import time

import numpy as np
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, filters, latent, parameters, frames):
        super().__init__()
        self.conv1 = nn.Conv2d(1, filters, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, 2 * filters, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(2 * filters)
        self.pool = nn.MaxPool2d((1, 2))
        self.linear = nn.Linear(2 * filters * parameters * (frames // 4), latent)

    def forward(self, x):
        x = torch.relu(self.pool(self.norm1(self.conv1(x))))
        x = torch.relu(self.pool(self.norm2(self.conv2(x))))
        return self.linear(torch.flatten(x, 1))


class Decoder(nn.Module):
    def __init__(self, filters, latent, parameters, frames):
        super().__init__()
        self.shape = (2 * filters, parameters, frames // 4)
        self.linear = nn.Linear(latent, self.shape[0] * self.shape[1] * self.shape[2])
        self.up1 = nn.ConvTranspose2d(2 * filters, 2 * filters, (1, 2), stride=(1, 2))
        self.conv1 = nn.Conv2d(2 * filters, filters, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(filters)
        self.up2 = nn.ConvTranspose2d(filters, filters, (1, 2), stride=(1, 2))
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(filters)
        self.last = nn.Conv2d(filters, 1, 1)

    def forward(self, z):
        x = self.linear(z).reshape(-1, *self.shape)
        x = self.norm1(torch.relu(self.conv1(self.up1(x))))
        x = self.norm2(torch.relu(self.conv2(self.up2(x))))
        return self.last(x)


class Autoencoder(nn.Module):
    """Engineering values in, engineering values out; [n, parameters, frames]."""

    def __init__(self, filters, latent, mean, std, frames):
        super().__init__()
        parameters = len(mean)
        self.encoder = Encoder(filters, latent, parameters, frames)
        self.decoder = Decoder(filters, latent, parameters, frames)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).reshape(1, parameters, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).reshape(1, parameters, 1))

    def core(self, scaled):
        return self.decoder(self.encoder(scaled.unsqueeze(1))).squeeze(1)

    def forward(self, window):
        return self.core((window - self.mean) / self.std) * self.std + self.mean


def read_pass(path):
    with open(path, newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        values = np.array([[float(cell) for cell in row[1:]] for row in rows], dtype=np.float64)
    return header[1:], values


def cut_windows(values, frames, stride):
    starts = np.arange(0, len(values) - frames + 1, stride)
    return np.stack([values[s : s + frames].T for s in starts])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--train", required=True, help="nominal pass (CSV) to train on")
    arguments.add_argument("--validate", required=True, help="another nominal pass, for the figures")
    arguments.add_argument("--out", required=True, help="detector .onnx to write; figures go to the .json beside it")
    arguments.add_argument("--filters", type=int, default=38)
    arguments.add_argument("--latent", type=int, default=64)
    arguments.add_argument("--frames", type=int, default=16)
    arguments.add_argument("--stride", type=int, default=4)
    arguments.add_argument("--epochs", type=int, default=12)
    arguments.add_argument("--batch", type=int, default=128)
    arguments.add_argument("--rate", type=float, default=1e-3)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()

    torch.manual_seed(given.seed)
    shuffle = np.random.default_rng(given.seed)
    names, train = read_pass(given.train)
    other_names, validate = read_pass(given.validate)
    if names != other_names:
        raise SystemExit("the two passes do not hold the same parameters in the same order")
    mean, std = train.mean(axis=0), train.std(axis=0)
    model = Autoencoder(given.filters, given.latent, mean, std, given.frames)

    def scaled_windows(values):
        return torch.tensor(cut_windows((values - mean) / std, given.frames, given.stride), dtype=torch.float32)

    x, held = scaled_windows(train), scaled_windows(validate)
    optimiser = torch.optim.Adam(model.parameters(), lr=given.rate)
    steps = given.epochs * ((len(x) + given.batch - 1) // given.batch)
    # The last epochs at a falling rate: without it the last digit of the reconstruction error wanders.
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=given.rate, total_steps=steps)
    started = time.time()
    for epoch in range(given.epochs):
        model.train()
        order = torch.tensor(shuffle.permutation(len(x)))
        total = 0.0
        for begin in range(0, len(x), given.batch):
            batch = x[order[begin : begin + given.batch]]
            loss = nn.functional.mse_loss(model.core(batch), batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        model.eval()
        with torch.no_grad():
            error = float(np.mean([nn.functional.mse_loss(model.core(held[i : i + 512]), held[i : i + 512]).item() for i in range(0, len(held), 512)]))
        print(f"epoch {epoch + 1}/{given.epochs}  training mse {total / len(x):.5f}  held-out mse {error:.5f}  {time.time() - started:.0f} s", flush=True)

    model.eval()
    example = torch.tensor(cut_windows(validate[: given.frames], given.frames, 1), dtype=torch.float32)
    torch.onnx.export(
        model, example, given.out, opset_version=13, input_names=["window"], output_names=["reconstruction"],
        dynamic_axes={"window": {0: "n"}, "reconstruction": {0: "n"}},
    )
    figures = {
        "parameters": names, "filters": given.filters, "latent": given.latent, "epochs": given.epochs, "batch": given.batch,
        "rate": given.rate, "seed": given.seed, "trainingWindows": len(x), "heldOutWindows": len(held), "heldOutMse": error,
        "weights": sum(p.numel() for p in model.parameters()), "torch": torch.__version__,
    }
    with open(given.out.removesuffix(".onnx") + ".json", "w") as file:
        json.dump(figures, file, indent=2)
        file.write("\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
