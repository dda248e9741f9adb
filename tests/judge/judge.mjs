// Runs a model in onnxruntime, the outside judge of what Tern writes and of how Tern runs it.
//
//   node judge.mjs MODEL IN_JSON OUT_FOLDER
//
// IN_JSON is [{"name": "image", "type": "uint8", "dims": [1, 32, 32, 3], "file": "image.bin"}, ...]: raw little-endian values, the file's
// path relative to IN_JSON. Types: float32, uint8, int32, int64, bool. For every output NAME the folder receives NAME.bin, and outputs.json
// lists them in the same form, so that the outputs of one model can be the inputs of another.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ort from "onnxruntime-node";

const arrays = { float32: Float32Array, uint8: Uint8Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array };

const [model, inputs, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node judge.mjs MODEL IN_JSON OUT_FOLDER");
  process.exit(2);
}

const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
const feeds = {};
for (const { name, type, dims, file } of JSON.parse(readFileSync(inputs, "utf8"))) {
  const bytes = new Uint8Array(readFileSync(join(dirname(inputs), file)));
  feeds[name] = new ort.Tensor(type, new arrays[type](bytes.buffer), dims);
}
const results = await session.run(feeds);
const listed = Object.entries(results).map(([name, { type, dims, data }]) => {
  const file = `${name.replace(/[^\w.-]/g, "_")}.bin`;
  writeFileSync(join(folder, file), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { name, type, dims, file };
});
writeFileSync(join(folder, "outputs.json"), JSON.stringify(listed));
