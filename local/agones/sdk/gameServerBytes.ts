import protobuf from 'protobufjs'
import type { GameServerView } from '../gameServerRecord.ts'

/**
 * The GameServer message of Agones' sdk.proto, without Lists and players. The class that the SDK package generated from it can read a map but
 * not write one: it calls a method that google-protobuf 4 has removed. A server has to write labels, annotations and counters.
 */
const gameServer = protobuf
  .parse(`
    syntax = "proto3";
    package agones.dev.sdk;
    message GameServer {
      ObjectMeta object_meta = 1;
      Spec spec = 2;
      Status status = 3;

      message ObjectMeta {
        string name = 1;
        string namespace = 2;
        string uid = 3;
        string resource_version = 4;
        int64 generation = 5;
        int64 creation_timestamp = 6;
        map<string, string> annotations = 8;
        map<string, string> labels = 9;
      }
      message Spec {
        Health health = 1;
        message Health {
          bool disabled = 1;
          int32 period_seconds = 2;
          int32 failure_threshold = 3;
          int32 initial_delay_seconds = 4;
        }
      }
      message Status {
        string state = 1;
        string address = 2;
        repeated Port ports = 3;
        map<string, CounterStatus> counters = 5;
        repeated Address addresses = 7;
        message Port { string name = 1; int32 port = 2; }
        message CounterStatus { int64 count = 1; int64 capacity = 2; }
        message Address { string type = 1; string address = 2; }
      }
    }`)
  .root.lookupType('agones.dev.sdk.GameServer')

/** Encodes a GameServer as protobuf. */
export function gameServerBytes(view: GameServerView): Buffer {
  const { disabled, periodSeconds, failureThreshold, initialDelaySeconds } = view.health
  const message = {
    objectMeta: {
      name: view.name,
      namespace: 'default',
      uid: view.uid,
      resourceVersion: String(view.resourceVersion),
      generation: 1,
      creationTimestamp: Math.floor(view.created / 1000),
      annotations: view.annotations,
      labels: view.labels,
    },
    spec: { health: { disabled, periodSeconds: Math.ceil(periodSeconds), failureThreshold, initialDelaySeconds: Math.ceil(initialDelaySeconds) } },
    status: {
      state: view.state,
      address: view.host,
      ports: [{ name: view.portName, port: view.port }],
      counters: view.counters,
      addresses: [{ type: 'InternalIP', address: view.host }],
    },
  }
  return Buffer.from(gameServer.encode(message).finish())
}
