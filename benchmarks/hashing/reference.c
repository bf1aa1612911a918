/* The loop in C, as the compiler makes it from plain code: bytes to affine32 signatures, the same numbers.

   cc -O3 -march=native reference.c -o reference && ./reference TABLES TEXTS SIGNATURES

   TABLES: block uint16[4352], kinds uint8[n][256], folds uint64[n][256]. TEXTS: uint64 number of texts, of places and of
   tokens a shingle, uint32 multipliers and summands, uint64 offsets, bytes. It prints the seconds of the best of nine
   passes and writes the signatures of the last. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned __int128 wide;
enum { SEPARATOR, WORD, CHARACTER, IGNORED };
#define KEY_LOW 0x9E3779B97F4A7C15ull
#define KEY_HIGH 0xD1B54A32D192ED03ull

static const uint16_t *block;
static const uint8_t *kinds;
static const uint64_t *folds;

static void *read_all(const char *path, size_t room, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(1);
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char *data = calloc(*size + room, 1);
    if (fread(data, 1, *size, file) != *size) exit(1);
    fclose(file);
    return data;
}

static uint64_t mix(uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t fold_character(const uint8_t *at, uint8_t **out, int *lone) {
    uint32_t code;
    size_t length;
    if (at[0] < 0xE0) code = (at[0] & 31) << 6 | (at[1] & 63), length = 2;
    else if (at[0] < 0xF0) code = (at[0] & 15) << 12 | (at[1] & 63) << 6 | (at[2] & 63), length = 3;
    else code = (at[0] & 7) << 18 | (at[1] & 63) << 12 | (at[2] & 63) << 6 | (at[3] & 63), length = 4;
    size_t entry = (size_t)block[code >> 8] << 8 | (code & 255);
    int kind = kinds[entry] & 7;
    if (kind == SEPARATOR) { *(*out)++ = 0; *lone = 0; return length; }
    if (kind == IGNORED) return length;
    if (kind == CHARACTER || (kind == WORD && *lone)) { *(*out)++ = 0; *lone = kind == CHARACTER; }
    uint64_t folded = folds[entry];
    if (!folded) { memcpy(&folded, at, 8); folded &= (1ull << 8 * length) - 1; }
    memcpy(*out, &folded, 8);
    *out += 8 - __builtin_clzll(folded) / 8;
    return length;
}

static uint8_t *fold(const uint8_t *at, const uint8_t *end, uint8_t *out) {
    int lone = 0;
    while (at < end) {
        if (at[0] >= 0x80) { at += fold_character(at, &out, &lone); continue; }
        if (lone) { *out++ = 0; lone = 0; }
        uint8_t high = 0;
        for (int i = 0; i < 64; i++) {
            uint8_t byte = at[i], lower = byte | 0x20;
            out[i] = (uint8_t)(lower - 'a') < 26 ? lower : (uint8_t)(byte - '0') < 10 ? byte : 0;
            high |= byte;
        }
        size_t n = end - at < 64 ? end - at : 64;
        if (high & 0x80) for (size_t i = 0; i < n; i++) if (at[i] & 0x80) n = i;
        at += n, out += n;
    }
    memset(out, 0, 64);
    return out;
}

static size_t hash_tokens(const uint8_t *at, const uint8_t *end, uint64_t *out) {
    uint64_t *first = out;
    while (1) {
        while (at < end && !*at) at++;
        if (at >= end) return out - first;
        const uint8_t *start = at;
        while (*at) at++;
        uint64_t value = 0, low, high;
        for (;; start += 16) {
            size_t n = at - start;
            memcpy(&low, start, 8), memcpy(&high, start + 8, 8);
            if (n < 8) low &= (1ull << 8 * n) - 1;
            if (n < 16) high = n <= 8 ? 0 : high & ((1ull << 8 * (n - 8)) - 1);
            value = mix(low ^ KEY_LOW, high ^ KEY_HIGH ^ value);
            if (n <= 16) break;
        }
        *out++ = value;
    }
}

static size_t shingle(const uint64_t *hashes, size_t n, size_t size, uint32_t *out) {
    if (!n) return 0;
    if (size > n) size = n;
    for (size_t i = 0; i + size <= n; i++) {
        uint64_t value = hashes[i];
        for (size_t j = 1; j < size; j++) {
            int turn = 11 * j % 64;
            value ^= hashes[i + j] << turn | hashes[i + j] >> (-turn & 63);
        }
        uint32_t v = value;
        v = (v ^ v >> 16) * 0x85EBCA6Bu, v = (v ^ v >> 13) * 0xC2B2AE35u;
        out[i] = v ^ v >> 16;
    }
    return n - size + 1;
}

static void sign(const uint32_t *values, size_t n, size_t places, const uint32_t *a, const uint32_t *b, uint32_t *out) {
    for (size_t k = 0; k < places; k += 32) {
        uint32_t least[32];
        memset(least, 255, sizeof least);
        for (size_t i = 0; i < n; i++)
            for (int j = 0; j < 32; j++) {
                uint32_t v = values[i] * a[k + j] + b[k + j];
                least[j] = v < least[j] ? v : least[j];
            }
        memcpy(out + k, least, sizeof least);
    }
}

int main(int argc, char **argv) {
    size_t size;
    if (argc != 4) return 2;
    block = read_all(argv[1], 64, &size);
    size_t rows = (size - 4352 * 2) / (9 * 256);
    kinds = (const uint8_t *)(block + 4352), folds = (const uint64_t *)(kinds + rows * 256);
    uint64_t *header = read_all(argv[2], 64, &size);
    size_t n_texts = header[0], places = header[1], shingle_size = header[2];
    const uint32_t *a = (uint32_t *)(header + 3), *b = a + places;
    const uint64_t *offsets = (uint64_t *)(b + places);
    const uint8_t *bytes = (uint8_t *)(offsets + n_texts + 1);
    size_t longest = 0;
    for (size_t i = 0; i < n_texts; i++) if (offsets[i + 1] - offsets[i] > longest) longest = offsets[i + 1] - offsets[i];
    uint8_t *folded = malloc(3 * longest + 256);
    uint64_t *hashes = malloc(8 * (longest + 64));
    uint32_t *shingles = malloc(4 * (longest + 64)), *out = malloc(4 * places * n_texts);
    double best = 1e9;
    for (int pass = 0; pass < 9; pass++) {
        clock_t start = clock();
        for (size_t i = 0; i < n_texts; i++) {
            uint8_t *end = fold(bytes + offsets[i], bytes + offsets[i + 1], folded);
            size_t n = hash_tokens(folded, end, hashes);
            sign(shingles, shingle(hashes, n, shingle_size, shingles), places, a, b, out + i * places);
        }
        double taken = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (taken < best) best = taken;
    }
    printf("%.9f\n", best);
    FILE *file = fopen(argv[3], "wb");
    fwrite(out, 4 * places, n_texts, file);
    return fclose(file);
}
