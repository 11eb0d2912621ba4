// Run script bundles that nobody has to trust, and serve their calls: runbox-wire(7) for Node.
//
//     import { run } from './runbox.mjs';
//
//     const done = await run('bundle/', { arg: { n: 3 }, calls: { add: ([a, b]) => a + b }, limits: { wall_time: '2s' } });
//     console.log(done.result, done.output, done.report.wall_ms);
//
// Trusts the program `runbox`; takes what a script sends as data and nothing else. Numbers are JavaScript's:
// an integer beyond Number.MAX_SAFE_INTEGER is rounded, in both directions.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

const LINE_MAX = 1 << 20; // bytes of a line, its newline included
const GRACE = 5000; // ms between asking runbox to stop and killing it

/** A run that did not end well. Its message is the report's, which may hold a script's text. */
export class RunError extends Error {
    name = 'RunError';

    /** status: as in the report, or undefined without one; exitCode: of runbox(1), null where a signal killed it. */
    constructor(message, { report = {}, exitCode = null, output = '' } = {}) {
        super(message);
        Object.assign(this, { status: report.status, exitCode, report, output });
    }
}

/** The caller's own `timeout` or `signal` stopped the run. */
export class StoppedError extends RunError {
    name = 'StoppedError';
}

/** Thrown by a served method: its text goes to the script, as an error that it may catch. */
export class CallError extends Error {
    name = 'CallError';
}

/** A function of the script's threw this. Where a served method lets it pass, the script gets it back. */
export class CallbackError extends CallError {
    name = 'CallbackError';
}

/**
 * An object that stays here; the script gets a reference, whose methods are calls. Goes where a value goes: in arg,
 * in answers, in what a function of the script's is given. A script hands it back as itself.
 */
export class KeptObject {
    /** kind: its class, as in "kind:method" of the manifest's calls; methods: name -> function of the params. */
    constructor(kind, methods) {
        Object.assign(this, { kind, methods });
    }
}

/** TEXT with control characters, and those that turn the direction of a line, as escapes. */
export function visible(text) {
    return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
        (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Run a bundle to its end: { result, output, artifacts (a Map of Buffers), report }, or RunError.
 *
 * export: the function to call, of a bundle that has several.
 * arg, options, keyring, verbose, seed: the rest of the start line.
 * calls: method name -> function of the params, which may be async. What it returns is the answer (undefined is
 *     null); CallError is one too. Anything else thrown stops the run and rejects the promise. A function of the
 *     script's among the params is one that returns a promise, to be called until the answer, one at a time;
 *     a KeptObject in what is returned stays here.
 * stdin: a string, a Buffer, or an (async) iterable of them, such as a stream, which is
 *     destroyed at the end; read as the script reads, in blocks of what there is.
 * write, log: functions of (text) and of (level, text), which may be async. Where absent, `output` of the
 *     result, and stderr with control characters made visible.
 * artifacts: a directory for runbox to write to; where absent, `artifacts` of the result.
 * limits, grants, args: `-l NAME=VALUE`, `-g WHAT`, and further arguments of `runbox run`.
 * timeout: milliseconds; signal: an AbortSignal. Either tells runbox to stop.
 */
export async function run(bundle, how = {}) {
    const { arg = null, options = {}, keyring = [], verbose = 0, seed } = how;
    const start = { export: how.export, arg, options, keyring, verbose, seed, read: true };
    const args = ['run', '--json', ...(how.args ?? [])];

    for (const [name, value] of Object.entries(how.limits ?? {})) args.push('-l', `${name}=${value}`);
    for (const grant of how.grants ?? []) args.push('-g', grant);
    if (how.artifacts !== undefined) args.push('--artifacts', how.artifacts);
    const child = spawn(how.program ?? 'runbox', [...args, '--', bundle], { stdio: ['pipe', 'pipe', 'pipe'] });

    return new Conversation(child, how).hold(start);
}

class Conversation {
    #child;
    #how;
    #input;
    #failed; // to start, or to be killed: the error
    #said = ''; // on stderr, before runbox knows of --json
    #exited; // and all of its output has been read
    #gone; // exited, no more
    #stopped = false;
    #result = null;
    #report = {};
    #printed = [];
    #artifacts = new Map();
    #pieces = new Map();
    #lines;
    #alive = new Set(); // numbers of functions that may be invoked
    #serving = false; // a served method runs, and it is not waiting for one of the script's functions
    #ids = new Map(); // of what stays here
    #named = new Map(); // and back
    #over = null; // the value of Exit

    constructor(child, how) {
        this.#child = child;
        this.#how = how;
        this.#input = new Input(how.stdin);
        this.#exited = once(child, 'close').catch((error) => { this.#failed = error; });
        this.#gone = new Promise((resolve) => { child.once('exit', () => resolve(undefined)); });
        // Where runbox has ended meanwhile (EPIPE), what it says of why is on its way.
        child.stdin.on('error', () => {});
        child.stderr.setEncoding('utf8').on('data', (text) => { this.#said += text; });
    }

    async hold(start) {
        const stop = () => { this.#stopped = true; this.#stop(); };
        const timer = this.#how.timeout === undefined ? undefined : setTimeout(stop, this.#how.timeout);

        this.#how.signal?.addEventListener('abort', stop);
        if (this.#how.signal?.aborted) stop();
        try {
            this.#say(this.#encode(start));
            this.#lines = lines(this.#child.stdout);
            await this.#converse();
            return await this.#end(this.#over);
        } finally {
            clearTimeout(timer);
            this.#how.signal?.removeEventListener('abort', stop);
            this.#input.close();
            this.#child.stdin.destroy();
            this.#child.stdout.destroy();
            if (this.#child.exitCode === null && this.#child.signalCode === null) this.#stop();
            await this.#exited;
        }
    }

    /** Serve until a Return, whose value it returns; undefined at the end. */
    async #converse() {
        for (let next; !(next = await this.#lines.next()).done;) {
            const lent = [];
            const [[name, value]] = Object.entries(JSON.parse(next.value, (_, found) => this.#receive(found, lent)));

            if (name === 'Return') return value;
            if (name === 'Exit') {
                this.#over = value;
                return undefined;
            }
            await this[`on${name}`](value, lent);
        }
        return undefined;
    }

    /** An object of JSON as what it stands for. */
    #receive(found, lent) {
        const [[name, value] = [], ...more] = found && typeof found === 'object' ? Object.entries(found) : [];

        if (more.length > 0 || Array.isArray(found)) return found;
        if (name === '$ref' && this.#named.has(value)) return this.#named.get(value);
        if (name !== '$fn' || !Number.isSafeInteger(value)) return found;
        lent.push(value);
        return (params) => this.#invoke(value, params);
    }

    #encode(value) {
        return encode(value, (_, given) => {
            if (!(given instanceof KeptObject)) return given;
            if (!this.#ids.has(given)) {
                const id = `${given.kind}:${this.#ids.size + 1}`;

                this.#ids.set(given, id);
                this.#named.set(id, given);
            }
            return { $ref: this.#ids.get(given) };
        });
    }

    async #invoke(fn, params = null) {
        if (!this.#alive.has(fn)) throw new Error('the call that lent this function has been answered');
        if (!this.#serving) throw new Error("the script's functions are invoked by a served method alone, one at a time");
        const line = this.#encode({ Invoke: { fn, params } });

        if (line.length > LINE_MAX) throw new CallError('what a function is given is longer than a line');
        this.#serving = false;
        this.#say(line);
        const came = await this.#converse();

        // Where runbox has ended, nobody waits for what is served.
        if (!came) return new Promise(() => {});
        this.#serving = true;
        if ('Err' in came) throw new CallbackError(came.Err);
        return came.Ok;
    }

    #stop() {
        const { pid } = this.#child;

        this.#child.kill('SIGTERM');
        if (pid) setTimeout(() => this.#child.kill('SIGKILL'), GRACE).unref();
    }

    /** VALUE is that of Exit; null: runbox ended without one. */
    async #end(value) {
        this.#child.stdin.end();
        await this.#exited;
        if (this.#failed) throw this.#failed;
        const output = this.#printed.join('');
        const report = this.#report;

        if (value === 'Ok') return { result: this.#result, output, artifacts: this.#artifacts, report };
        const exitCode = this.#child.exitCode;
        const message = value ? Object.values(value)[0]
            : this.#said.trim() || `runbox ended without an Exit (status ${exitCode ?? this.#child.signalCode})`;
        const Kind = this.#stopped && [undefined, 'cancelled'].includes(report.status) ? StoppedError : RunError;
        throw new Kind(message, { report, exitCode, output });
    }

    /** What is awaited for the script is not waited for once runbox has ended. */
    #meanwhile(promise) {
        return Promise.race([promise, this.#gone]);
    }

    #say(line) {
        if (this.#child.stdin.writable) this.#child.stdin.write(line);
    }

    async onLog(value) {
        const [[level, text]] = Object.entries(value);

        if (this.#how.log) await this.#how.log(level, text);
        else process.stderr.write(`${level}: ${visible(text)}\n`);
    }

    async onStdio(value) {
        if ('Read' in value) this.#say(encode({ Ok: await this.#meanwhile(this.#input.read(value.Read)) }));
        else if (this.#how.write) await this.#how.write(value.Write);
        else this.#printed.push(value.Write);
    }

    async onCall({ method, ref, params }, lent) {
        const served = ref === undefined ? this.#how.calls ?? {} : this.#named.get(ref).methods;
        let reply;

        lent.forEach((fn) => this.#alive.add(fn));
        this.#serving = true;
        try { // the name is the script's: "constructor" is a property of every object
            if (!Object.hasOwn(served, method)) throw new CallError(`${method}: the caller has no such method`);
            reply = this.#encode({ Ok: (await this.#meanwhile(served[method](params))) ?? null });
            if (reply.length > LINE_MAX) throw new CallError(`${method}: the answer is longer than a line`);
        } catch (error) {
            if (!(error instanceof CallError)) throw error;
            reply = encode({ Err: text(error.message.slice(0, 1000)) });
        }
        this.#serving = false;
        lent.forEach((fn) => this.#alive.delete(fn));
        this.#say(reply);
    }

    async onArtifact({ name, data, more }) {
        if (this.#artifacts.has(name)) {
            this.#say(encode({ Err: `${name}: handed over already` }));
            return;
        }
        const pieces = this.#pieces.get(name) ?? [];

        pieces.push(Buffer.from(data, 'base64'));
        this.#pieces.set(name, pieces);
        if (!more) {
            this.#artifacts.set(name, Buffer.concat(pieces));
            this.#pieces.delete(name);
        }
        this.#say(encode({ Ok: null }));
    }

    async onResult(value) {
        this.#result = value;
    }

    async onReport(value) {
        this.#report = value;
    }
}

/** Standard input as the wire wants it: texts of whole characters, null at the end. */
class Input {
    #source;
    #chunks;
    #given = Buffer.alloc(0); // of the source, not yet decoded
    #rest = Buffer.alloc(0); // of the text: what is not UTF-8 grows as it becomes U+FFFD
    #ended = false;
    #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

    constructor(source = '') {
        const whole = typeof source === 'string' || source instanceof Uint8Array;

        this.#source = source;
        this.#chunks = whole ? [source].values() : (source[Symbol.asyncIterator] ?? source[Symbol.iterator]).call(source);
    }

    /** As soon as there are any, up to MOST bytes of UTF-8. */
    async read(most) {
        while (this.#rest.length === 0 && !this.#ended) {
            if (this.#given.length === 0) await this.#more();
            this.#decode(most);
        }
        let end = Math.min(most, this.#rest.length);

        while (end < this.#rest.length && (this.#rest[end] & 0xc0) === 0x80) end -= 1;
        const piece = this.#rest.toString('utf8', 0, end);

        this.#rest = this.#rest.subarray(end);
        return piece || null;
    }

    /** A stream left half read would keep the program alive. */
    close() {
        this.#source.destroy?.();
    }

    async #more() {
        const { done, value } = await this.#chunks.next();

        this.#ended = Boolean(done);
        if (!done) this.#given = Buffer.from(value);
    }

    /** Half a character stays with the decoder, and comes with the next bytes. */
    #decode(n) {
        const decoded = this.#decoder.decode(this.#given.subarray(0, n), { stream: !this.#ended });

        this.#given = this.#given.subarray(n);
        this.#rest = Buffer.from(decoded);
    }
}

/** The lines of a stream. Only "\n" ends one: node:readline would end them at U+2028 too. */
async function* lines(stream) {
    let parts = [];

    for await (const chunk of stream) {
        let from = 0;

        for (let at; (at = chunk.indexOf(0x0a, from)) >= 0; from = at + 1) {
            yield Buffer.concat([...parts, chunk.subarray(from, at)]).toString();
            parts = [];
        }
        parts.push(chunk.subarray(from));
    }
}

function encode(value, replacer) {
    return Buffer.from(`${JSON.stringify(value, replacer)}\n`);
}

/** Half a surrogate pair, which has no place on the wire, becomes U+FFFD. */
function text(value) {
    return Buffer.from(value).toString();
}
