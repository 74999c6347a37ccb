"""Boxes that touch a Sierpinski carpet of six levels, counted with reductions over padded blocks: the numbers in BoxCountingTests.swift."""

import numpy as np

carpet = np.ones((1, 1), bool)
for _ in range(6):
    carpet = np.kron(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool), carpet)
sides = [2**i for i in range(10)]
counts = []
for side in sides:
    blocks = -(-729 // side)
    padded = np.zeros((blocks * side, blocks * side), bool)
    padded[:729, :729] = carpet
    counts.append(int(padded.reshape(blocks, side, blocks, side).any(axis=(1, 3)).sum()))
print(counts, -np.polyfit(np.log(sides), np.log(counts), 1)[0], np.log(8) / np.log(3))
