// Certificates and requests for them in DER, made by hand: what a device of another make would send, and
// what an impostor would try.  P-256 and SHA-256 throughout (RFC 5280, RFC 2986).
import crypto from 'node:crypto';

function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
const sequence = (...parts) => der(0x30, ...parts);
const oid = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const integer = (bytes) => der(0x02, bytes);
const bits = (bytes) => der(0x03, Buffer.from([0]), bytes);
const octets = (bytes) => der(0x04, bytes);
const attribute = (type, text) => der(0x31, sequence(oid(type), der(0x0c, Buffer.from(text))));
const TRUE = der(0x01, Buffer.from([0xff]));

const COMMON_NAME = '550403';
const UNIT = '55040b';
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));

const name = ({ cn, ou }) => sequence(attribute(COMMON_NAME, cn), ...(ou ? [attribute(UNIT, ou)] : []));
const publicPart = (key) => crypto.createPublicKey(key).export({ type: 'spki', format: 'der' });
const signed = (info, key) => sequence(info, ECDSA_SHA256, bits(crypto.sign('sha256', info, key)));
const time = (ms) => der(0x18, Buffer.from(`${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));

export function toPem(what, bytes) {
  return `-----BEGIN ${what}-----\n${bytes.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END ${what}-----\n`;
}

export function makeKey() {
  return crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

// A request in DER, signed by `signer`: by the key itself, unless a test lies.
export function makeRequest(key, cn, signer = key) {
  const info = sequence(integer(Buffer.from([0])), name({ cn }), publicPart(key), der(0xa0));
  return signed(info, signer);
}

// A certificate in PEM for TLS clients, or an authority's.
export function makeCertificate({ subject, key, issuer, issuerKey, isAuthority = false, nowMs }) {
  const extension = (id, isCritical, content) => sequence(oid(id), ...(isCritical ? [TRUE] : []), octets(content));
  const extensions = isAuthority
    ? [extension('551d13', true, sequence(TRUE))]
    : [extension('551d13', false, sequence()), extension('551d25', false, sequence(oid('2b06010505070302')))];
  const info = sequence(
    der(0xa0, integer(Buffer.from([2]))), integer(Buffer.concat([Buffer.from([1]), crypto.randomBytes(8)])), ECDSA_SHA256,
    name(issuer), sequence(time(nowMs - 86_400_000), time(nowMs + 86_400_000 * 300)), name(subject), publicPart(key),
    der(0xa3, sequence(...extensions)),
  );
  return toPem('CERTIFICATE', signed(info, issuerKey));
}
