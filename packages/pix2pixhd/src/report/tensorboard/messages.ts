/**
 * The messages in TensorBoard's event files, as far as losses and images need them. The field numbers are those of
 * TensorBoard's `event.proto` and `summary.proto`. Depends on protobufjs, the build without a parser of .proto files.
 */
import protobuf from 'protobufjs/light.js';

/** A value of a summary: a number or an image under a tag. */
export interface SummaryValue {
  readonly tag: string;
  /** Which dashboard shows the tag. Needed only once per tag and file. */
  readonly metadata?: { readonly pluginData: { readonly pluginName: 'scalars' | 'images' } };
  readonly simpleValue?: number;
  readonly image?: SummaryImage;
}

/** An image with its size in pixels; `colorspace` counts channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
export interface SummaryImage {
  readonly height: number;
  readonly width: number;
  readonly colorspace: number;
  /** A whole PNG file. */
  readonly encodedImageString: Uint8Array;
}

/** One message of the file: one of `fileVersion`, `summary` and `sessionLog`. */
export interface EventMessage {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly SummaryValue[] };
  readonly sessionLog?: { readonly status: typeof sessionStart };
}

/** The status that tells readers to drop this step and later ones. */
export const sessionStart = 1;

const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary', 'sessionLog'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
        sessionLog: { type: 'SessionLog', id: 7 },
      },
    },
    SessionLog: { fields: { status: { type: 'int32', id: 1 } } },
    Summary: {
      fields: { value: { rule: 'repeated', type: 'Value', id: 1 } },
      nested: {
        Value: {
          oneofs: { value: { oneof: ['simpleValue', 'image'] } },
          fields: {
            tag: { type: 'string', id: 1 },
            simpleValue: { type: 'float', id: 2 },
            image: { type: 'Image', id: 4 },
            metadata: { type: 'SummaryMetadata', id: 9 },
          },
        },
        Image: {
          fields: {
            height: { type: 'int32', id: 1 },
            width: { type: 'int32', id: 2 },
            colorspace: { type: 'int32', id: 3 },
            encodedImageString: { type: 'bytes', id: 4 },
          },
        },
      },
    },
    SummaryMetadata: {
      fields: { pluginData: { type: 'PluginData', id: 1 } },
      nested: { PluginData: { fields: { pluginName: { type: 'string', id: 1 } } } },
    },
  },
});

const event = root.lookupType('Event');

/** The message in protocol buffers' binary form. */
export function encodeEvent(message: EventMessage): Uint8Array {
  return event.encode(message).finish();
}
