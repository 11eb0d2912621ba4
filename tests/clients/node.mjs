// Driver of contrib/clients/node: see README.md.
import { createReadStream, readFileSync } from 'node:fs';
import { CallError, CallbackError, KeptObject, RunError, StoppedError, run } from '../../contrib/clients/node/runbox.mjs';

const logs = [];
const door = new KeptObject('door', { open: (how) => `open ${how}`, slam: (f) => f('bang') });
const kept = [];
const calls = {
    add: async ([a, b]) => a + b,
    echo: (params) => params,
    fail: () => { throw new CallError('no such host: é'); },
    bug: () => { throw new ReferenceError("a bug of the caller's"); },
    long: () => 'x'.repeat(2000000),
    map: async ({ f, list }) => {
        const answers = [];

        for (const value of list) answers.push(await f(value));
        return answers;
    },
    try: (f) => f().catch((error) => {
        if (!(error instanceof CallbackError)) throw error;
        return `caught: ${error.message}`;
    }),
    keep: async (f) => {
        kept.push(f);
        await f('now');
    },
    late: () => kept[0](),
    door: () => door,
    same: ([object]) => object === door,
};

async function main({ bundle, start = {}, stdin, timeout, ...how }) {
    if (stdin) how.stdin = createReadStream(stdin);
    if (timeout) how.timeout = timeout * 1000;
    try {
        const { result, output, artifacts, report } = await run(bundle, { ...start, ...how, calls,
            program: process.env.RUNBOX, log: (level, text) => logs.push([level, text]) });
        const sizes = Object.fromEntries([...artifacts].map(([name, data]) => [name, data.length]));

        return { result, output, logs, report, artifacts: sizes };
    } catch (error) {
        if (!(error instanceof RunError)) throw error;
        const { message, exitCode, status, output, report } = error;

        return { error: message, exit_code: exitCode, timeout: error instanceof StoppedError, status, output, logs, report };
    }
}

console.log(JSON.stringify(await main(JSON.parse(readFileSync(0)))));
