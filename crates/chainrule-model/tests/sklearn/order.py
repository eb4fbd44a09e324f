"""Writes order.json: 20 numbers in the random order of seed 7, by ChaCha with 8
rounds written out here (Bernstein 2008), keyed as `rand_core` does it
(`seed_from_u64`: PCG32), stream 4.

    python order.py > order.json
"""

import json

M32, M64 = 2**32 - 1, 2**64 - 1


def key_of(seed):
    words = []
    for _ in range(8):
        seed = (seed * 6364136223846793005 + 11634580027462260723) & M64
        xorshifted = (((seed >> 18) ^ seed) >> 27) & M32
        rot = seed >> 59
        words.append(((xorshifted >> rot) | (xorshifted << (32 - rot))) & M32)
    return words


def rotate(x, n):
    return ((x << n) | (x >> (32 - n))) & M32


def quarter(s, a, b, c, d):
    s[a] = (s[a] + s[b]) & M32
    s[d] = rotate(s[d] ^ s[a], 16)
    s[c] = (s[c] + s[d]) & M32
    s[b] = rotate(s[b] ^ s[c], 12)
    s[a] = (s[a] + s[b]) & M32
    s[d] = rotate(s[d] ^ s[a], 8)
    s[c] = (s[c] + s[d]) & M32
    s[b] = rotate(s[b] ^ s[c], 7)


def words_of(seed, stream):
    key, counter = key_of(seed), 0
    while True:
        start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *key]
        start += [counter & M32, counter >> 32, stream & M32, stream >> 32]
        s = start[:]
        for _ in range(4):
            for column in range(4):
                quarter(s, column, column + 4, column + 8, column + 12)
            for d in range(4):
                quarter(s, d, 4 + (d + 1) % 4, 8 + (d + 2) % 4, 12 + (d + 3) % 4)
        yield from ((a + b) & M32 for a, b in zip(s, start))
        counter += 1


def below(words, bound):
    while True:
        product = next(words) * bound
        if product & M32 >= (2**32 - bound) % bound:
            return product >> 32


words = words_of(7, 4)
order = list(range(20))
for end in range(19, 0, -1):
    other = below(words, end + 1)
    order[end], order[other] = order[other], order[end]
print(json.dumps(order))
