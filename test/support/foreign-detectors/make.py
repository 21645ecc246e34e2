"""Small detectors as others export them: three architectures, three sets of exporter options. 4 parameters x 8 frames, standardised values.

    python3 make.py        (PyTorch 1.13; writes the .onnx files beside this one)

What they are trained on is the structure of test/support/synthetic-telemetry.ts: a common cause, one of each pair, a little noise.
"""
import torch
from torch import nn

PARAMETERS, FRAMES = 4, 8
torch.manual_seed(1)
torch.set_num_threads(1)


def windows(n):
    def ar(shape):
        x = [torch.randn(shape)]
        for _ in range(FRAMES - 1):
            x.append(0.9 * x[-1] + 0.19**0.5 * torch.randn(shape))
        return torch.stack(x, -1)

    common, own = ar((n, 1)), ar((n, 2)).repeat_interleave(2, 1)
    sign = torch.tensor([1.0, -1.0, 1.0, -1.0])[None, :, None]
    return 0.8 * common + 0.55 * sign * own + 0.25 * torch.randn(n, PARAMETERS, FRAMES)


class Image(nn.Module):
    """Convolutions on the window as an image; weights listed among the inputs, as old exporters do."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d((1, 2)), nn.Flatten())
        self.latent = nn.Linear(6 * PARAMETERS * 4, 12)
        self.back = nn.Linear(12, 6 * PARAMETERS * 4)
        self.decoder = nn.ConvTranspose2d(6, 1, (1, 2), stride=(1, 2))

    def forward(self, x):
        return self.decoder(torch.relu(self.back(self.latent(self.encoder(x)))).reshape(-1, 6, PARAMETERS, 4))


class Sequence(nn.Module):
    """A recurrent network, frames first; its linear layers become MatMul and Add, the recurrence cannot be tapped."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(PARAMETERS, 10, batch_first=True)
        self.out = nn.Linear(10, PARAMETERS)

    def forward(self, x):
        return self.out(self.rnn(x)[0])


class Series(nn.Module):
    """One-dimensional convolutions, one of them grouped; nothing folded."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Conv1d(PARAMETERS, 6, 3, padding=1)
        self.each = nn.Conv1d(6, 6, 3, padding=1, groups=3)
        self.down = nn.Conv1d(6, 5, 1)
        self.up = nn.ConvTranspose1d(5, PARAMETERS, 3, padding=1)

    def forward(self, x):
        return self.up(torch.tanh(self.down(torch.tanh(self.each(torch.tanh(self.mix(x)))))))


def make(name, model, shape, **options):
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(1500):
        x = shape(windows(128))
        loss = ((model(x) - x) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(name, "mean squared error", loss.item())
    example = shape(windows(options.pop("batch", 2)))
    torch.onnx.export(model.eval(), example, f"{name}.onnx", **options)


BATCH = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": {"x": {0: "batch"}, "y": {0: "batch"}}}
make("image-opset11", Image(), lambda w: w[:, None], opset_version=11, keep_initializers_as_inputs=True, **BATCH)
make("sequence-opset14", Sequence(), lambda w: w.transpose(1, 2), opset_version=14, **BATCH)
make("series-opset16", Series(), lambda w: w, opset_version=16, do_constant_folding=False, **BATCH)
# The batch is declared as one.
make("sequence-one-window", Sequence(), lambda w: w.transpose(1, 2), opset_version=13, batch=1)
