#!/usr/bin/env node
// Adds up prices from standard input, in euros: example.mjs < ../prices/sample.txt
import { fileURLToPath } from 'node:url';
import { CallError, RunError, run, visible } from './runbox.mjs';

const RATES = new Map([['EUR>EUR', 1], ['USD>EUR', 0.9]]);

function rate(params) {
    const factor = RATES.get(`${params?.from}>${params?.to}`);

    if (factor === undefined) throw new CallError('no rate for that');
    return factor;
}

try {
    const bundle = fileURLToPath(new URL('../prices', import.meta.url));
    const done = await run(bundle, { calls: { rate }, stdin: process.stdin, limits: { memory: '32M' }, timeout: 10000,
        program: process.env.RUNBOX });

    process.stdout.write(done.output);
    console.log(JSON.stringify(done.result));
    console.log(`${done.artifacts.get('prices.csv').length} bytes of prices.csv, ${done.report.calls} calls`);
} catch (error) {
    if (!(error instanceof RunError)) throw error;
    console.error(`${error.status}: ${visible(error.message)}`);
    process.exitCode = 1;
}
