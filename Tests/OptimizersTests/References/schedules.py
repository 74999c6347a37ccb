"""Writes schedules.json: factors of the learning rate by PyTorch's schedulers, at the steps 0, 1, 2, ... or as said."""
import json, pathlib
import torch

s = torch.optim.lr_scheduler


def factors(make, steps, advance=lambda scheduler, t: scheduler.step()):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, values = make(optimizer), []
    for t in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        advance(scheduler, t + 1)
    return values


half = lambda scheduler, t: scheduler.step(t / 2)
results = {
    "staircase": factors(lambda o: s.MultiStepLR(o, [3, 7], gamma=0.2), 12),
    "polynomial": factors(lambda o: s.PolynomialLR(o, total_iters=10, power=2), 13),
    "cosine": factors(lambda o: s.CosineAnnealingLR(o, T_max=12, eta_min=0.1), 13),
    "warm-up": factors(lambda o: s.LinearLR(o, start_factor=1 / 5, total_iters=4), 9),
    # At t = 0, 1/2, 1, ...: cycles of 4, 8 and 16.
    "warm-restarts": factors(lambda o: s.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2, eta_min=0.05), 56, half),
    # Once every three steps.
    "held": [v for v in factors(lambda o: s.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=1), 8) for _ in range(3)],
}
pathlib.Path(__file__).with_suffix(".json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in results.items()) + "\n}\n")
