/** The page that a server serves: it renders there. */
import { overSocket } from '../engine/connection.js';
import { RemoteEngine } from '../engine/remote-engine.js';
import { start } from './start.js';

const { protocol, host, hash } = location;
const token = new URLSearchParams(hash.slice(1)).get('token') ?? undefined;
const address = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/socket`;
start(events => new RemoteEngine(overSocket(address), token, events));
