#!/usr/bin/env node
// The frames of pingpong.c by npm's posix-socket, both sides in node; talks with the benchmark as pingpong.c does.
//
//   pingpong.js server|client PATH CALLERS SIZE kept|fresh
//
// The module blocks, and can only be loaded in a process's main thread. So each connection has a process of its own on either
// side, as in the module's README, and the processes that the benchmark knows only pass on what it says:
//
//   pingpong.js echo SIZE                 (accepts at descriptor 3)
//   pingpong.js call PATH SIZE kept|fresh
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const readline = require('readline');
const { Worker } = require('worker_threads');

const HEADER = 4;
const BODIES = 16;
const READY = 'READY';

function say(line) {
    fs.writeSync(1, line + '\n');
}

function cpuNanos() {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1000;
}

// ---- the processes that the benchmark knows ----

/** A process of its own for a connection, which answers a line with a line, and ends when its input does. */
class Child {
    constructor(args, ...descriptors) {
        this.process = spawn(process.execPath, [__filename, ...args], { stdio: ['pipe', 'pipe', 'inherit', ...descriptors] });
        this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    }

    tell(line) {
        this.process.stdin.write(line + '\n');
    }

    async answer() {
        const { value, done } = await this.lines.next();
        if (done) throw new Error('a process of a connection has ended');
        if (value.startsWith('FAILED')) throw new Error(value);
        return value;
    }
}

/** Tells all, and waits for all answers. */
function ask(children, line) {
    for (const child of children) child.tell(line);
    return answers(children);
}

function answers(children) {
    return Promise.all(children.map((child) => child.answer()));
}

/** Obeys each line of standard input. */
async function attend(obey) {
    say(READY);
    for await (const line of readline.createInterface({ input: process.stdin })) say(await obey(line));
}

async function server(path, callers, size) {
    const posix = require('posix-socket');
    const listener = posix.socket(posix.AF_UNIX, posix.SOCK_STREAM, 0);
    posix.bind(listener, { sun_family: posix.AF_UNIX, sun_path: path });
    posix.listen(listener, 512);
    const children = Array.from({ length: Number(callers) }, () => new Child(['echo', size], listener));
    await answers(children);
    await attend(async (line) => {
        if (line !== 'cpu') throw new Error(`unknown command '${line}'`);
        const nanos = await ask(children, line);
        return nanos.reduce((sum, each) => sum + Number(each), cpuNanos());
    });
    fs.unlinkSync(path);
    process.exit(0); // and each child, whose input this ends
}

async function client(path, callers, size, fresh) {
    const children = Array.from({ length: Number(callers) }, () => new Child(['call', path, size, fresh]));
    await answers(children);
    await attend(async (line) => {
        const [, lead, calls, interval, file] = line.match(/^run (\d+) (\d+) (\d+) (.*)$/) || [];
        if (!file) throw new Error(`unknown command '${line}'`);
        const files = children.map((child, i) => `${file}.${i}`);
        children.forEach((child, i) => child.tell(`${lead} ${calls} ${interval} ${files[i]}`));
        await answers(children); // all have made their lead
        const cpu = cpuNanos();
        const runs = (await ask(children, 'go')).map((words) => words.split(' ').map(Number));
        const wall = Math.max(...runs.map(([, , end]) => end)) - Math.min(...runs.map(([, begin]) => begin));
        const sum = runs.reduce((sum, [used]) => sum + used, cpuNanos() - cpu);
        fs.writeFileSync(file, Buffer.concat(files.map((each) => fs.readFileSync(each))));
        for (const each of files) fs.unlinkSync(each);
        return `DONE calls=${calls * children.length} wall_nanos=${wall} cpu_nanos=${sum}`;
    });
    process.exit(0); // and each child, whose input this ends
}

// ---- the processes of a connection: they block ----

/** Receives a frame. False at the end of the stream. */
function receive(posix, socket, frame) {
    const n = posix.recv(socket, frame, frame.byteLength, posix.MSG_WAITALL);
    if (n === 0) return false;
    if (n !== frame.byteLength) throw new Error(`the stream ended after ${n} bytes of a frame`);
    const length = new DataView(frame).getUint32(0);
    if (length !== frame.byteLength - HEADER) throw new Error(`a frame of ${length} bytes`);
    return true;
}

function send(posix, socket, frame) {
    const n = posix.send(socket, frame, frame.byteLength, posix.MSG_NOSIGNAL);
    if (n !== frame.byteLength) throw new Error(`send took ${n} bytes of ${frame.byteLength}`);
}

/** Answers `cpu` while the main thread is blocked, and ends the process, as nothing else could, when the input ends. */
const WATCH = `
    const fs = require('fs');
    const byte = Buffer.alloc(1);
    while (fs.readSync(0, byte) === 1) {
        if (byte[0] !== 10) continue;
        const { user, system } = process.cpuUsage();
        fs.writeSync(1, (user + system) * 1000 + '\\n');
    }
    process.kill(process.pid, 'SIGKILL');
`;

/** Serves one connection after the other. */
async function echo(size) {
    const posix = require('posix-socket');
    const frame = new ArrayBuffer(HEADER + Number(size));
    await new Promise((resolve) => new Worker(WATCH, { eval: true }).once('online', resolve));
    say(READY);
    for (;;) {
        const socket = posix.accept(3, {});
        while (receive(posix, socket, frame)) send(posix, socket, frame);
        posix.close(socket);
    }
}

/** Makes the calls of one caller. */
function call(path, size, fresh) {
    const posix = require('posix-socket');
    const bodies = Array.from({ length: BODIES }, () => Buffer.from(require('crypto').randomBytes(Number(size))));
    const request = new ArrayBuffer(HEADER + Number(size));
    const reply = new ArrayBuffer(HEADER + Number(size));
    const replied = new Uint8Array(reply, HEADER);
    const payload = new Uint8Array(request, HEADER);
    const header = new DataView(request);

    const connect = () => {
        const socket = posix.socket(posix.AF_UNIX, posix.SOCK_STREAM, 0);
        posix.connect(socket, { sun_family: posix.AF_UNIX, sun_path: path });
        return socket;
    };
    const kept = fresh === 'fresh' ? -1 : connect();

    const never = new Int32Array(new SharedArrayBuffer(4));
    const make = (count, interval) => {
        const nanos = new BigInt64Array(count);
        const begin = process.hrtime.bigint();
        for (let i = 0; i < count; i++) {
            if (interval > 0) {
                const due = Number(begin - process.hrtime.bigint()) + i * interval;
                if (due > 0) Atomics.wait(never, 0, 0, due / 1e6);
            }
            const body = bodies[i % BODIES];
            const before = process.hrtime.bigint();
            const socket = kept < 0 ? connect() : kept;
            header.setUint32(0, body.length);
            payload.set(body);
            send(posix, socket, request);
            if (!receive(posix, socket, reply)) throw new Error('the server ended the stream');
            if (kept < 0) posix.close(socket);
            nanos[i] = process.hrtime.bigint() - before;
            if (body.compare(replied) !== 0) throw new Error(`the reply to call ${i} has other bytes than its request`);
        }
        return nanos;
    };

    say(READY);
    for (let line = readLine(); line !== null; line = readLine()) {
        const [, lead, calls, interval, file] = line.match(/^(\d+) (\d+) (\d+) (.*)$/);
        make(Number(lead), Number(interval));
        say('led');
        if (readLine() === null) return;
        const cpu = cpuNanos();
        const begin = process.hrtime.bigint(); // one clock for all processes
        const nanos = make(Number(calls), Number(interval));
        const end = process.hrtime.bigint();
        const used = cpuNanos() - cpu;
        fs.writeFileSync(file, nanos);
        say(`${used} ${begin} ${end}`);
    }
}

/** The next line of standard input, without an event loop; null at its end. */
function readLine() {
    const byte = Buffer.alloc(1);
    const line = [];
    while (fs.readSync(0, byte) === 1) {
        if (byte[0] === 10) return Buffer.from(line).toString();
        line.push(byte[0]);
    }
    return null;
}

// ---- each process begins here, when all above is defined ----

const [role, ...words] = process.argv.slice(2);
const main = { server, client, echo, call }[role];
if (!main) {
    console.error('usage: pingpong.js server|client PATH CALLERS SIZE kept|fresh');
    process.exit(2);
}
Promise.resolve(main(...words)).catch((error) => {
    say(`FAILED ${error.message}`);
    process.exit(1);
});
