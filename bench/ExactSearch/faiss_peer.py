"""Faiss's binary indexes on the codes of ExactSearch: faiss_peer.py DIR BITS COUNT; prints a JSON object a line. Debian's python3-faiss, one thread.

As on the other side, the first hundred queries only warm up and none is measured twice. recall: the share of results whose distance is at most that of the
true tenth."""
import json, sys, time
import faiss
import numpy as np

folder, bits, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
K, WARM_UP = 10, 100
stored = (bits + 63) // 64 * 64  # whole words; bits past the length are zero and change no distance
codes = np.memmap(f"{folder}/codes.bin", dtype=np.uint8, mode="r").reshape(-1, stored // 8)
queries = np.fromfile(f"{folder}/queries.bin", dtype=np.uint8).reshape(-1, stored // 8)
asked = WARM_UP
faiss.omp_set_num_threads(1)


def fresh(calls):
    global asked
    asked += calls
    return queries[asked - calls:asked]


def show(what, **values):
    print(json.dumps({"what": what, "faiss": faiss.__version__, **values}), flush=True)


def timed(index, what, truth=None, calls=100, **values):
    warm, at = time.perf_counter(), 0
    while at == 0 or time.perf_counter() - warm < 0.5:
        index.search(queries[at % WARM_UP:at % WARM_UP + 1], K)
        at += 1
    times, mine, distances = [], fresh(calls), []
    for query in mine:
        start = time.perf_counter()
        found, ids = index.search(query[None], K)
        times.append((time.perf_counter() - start) * 1e3)
        distances.append(np.where(ids < 0, 10**6, found)[0])
    if truth is not None:
        tenth, _ = truth.search(mine, K)
        values["recall"] = float((np.array(distances) <= tenth[:, -1:]).mean())
    show(what, milliseconds=float(np.median(times)), p95=float(np.percentile(times, 95)), calls=calls, **values)


def built(index, threads=1):
    faiss.omp_set_num_threads(threads)
    start = time.perf_counter()
    index.add(codes)
    faiss.omp_set_num_threads(1)
    return index, time.perf_counter() - start


flat, _ = built(faiss.IndexBinaryFlat(stored))
timed(flat, "IndexBinaryFlat, 10 nearest", calls=100 if count <= 10_000_000 else 20)
batch = fresh(100)
start = time.perf_counter()
flat.search(batch, K)
show("IndexBinaryFlat, batch of 100, 10 nearest, per query", milliseconds=(time.perf_counter() - start) * 1e3 / len(batch), calls=1)

if count <= 10_000_000:
    tables = max(1, bits // 16) if bits <= 64 else 8
    width = min(bits // tables, 24)
    index, seconds = built(faiss.IndexBinaryMultiHash(stored, tables, width))
    for flips in range(4):
        index.nflip = flips
        timed(index, f"IndexBinaryMultiHash {tables} x {width}, nflip {flips}, 10 nearest", flat, buildSeconds=seconds)
    del index

if count <= 1_000_000: # longer collections take it many minutes to build
    index = faiss.IndexBinaryHNSW(stored, 16)
    index.hnsw.efConstruction = 64
    index, seconds = built(index, threads=2)
    for ef in (16, 64, 256):
        index.hnsw.efSearch = ef
        timed(index, f"IndexBinaryHNSW M 16, efConstruction 64, efSearch {ef}, 10 nearest", flat, buildSeconds=seconds)
