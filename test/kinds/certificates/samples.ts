/** Certificate requests and a certificate, made with openssl for these tests: DER in base64. The keys behind them are gone. */
/** CN=me, O=one, O=two, a key on P-256. */
export const EC =
  "MIHjMIGLAgEAMCkxCzAJBgNVBAMMAm1lMQwwCgYDVQQKDANvbmUxDDAKBgNVBAoMA3R3bzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPkI9AVXAzLBftdgUdMhA5fLuNMH7rsbrGes" +
  "lUp1DEZfTpDlkFo56DobO93ctRdEn389UnW2AaamS06pueIhZp6gADAKBggqhkjOPQQDAgNHADBEAiATefBtD7ZBOUiNO4PaBw97DhbMlODbyEEznh/yFfTH5AIgLkMj2G4ofQJGerKC" +
  "ptXT6iePtkzdPnvG38JnoNBub+8=";
/** The same with an Ed25519 key. */
export const ED25519 =
  "MIGoMFwCAQAwKTELMAkGA1UEAwwCbWUxDDAKBgNVBAoMA29uZTEMMAoGA1UECgwDdHdvMCowBQYDK2VwAyEAP6G1ddOF27WWGiEQq9H8u3Va4p8//83qTNimH9wSK5ygADAFBgMrZXAD" +
  "QQB3dpInd5pY3bnBP/FrcW/GE+IF+1kLBZLkqxkUKK+V5MrIYZbuRt1uye1O5m8BU1EAruwC69mcPSMAh45NoRUF";
/** On a curve that Go does not know. */
export const SECP256K1 =
  "MIHiMIGIAgEAMCkxCzAJBgNVBAMMAm1lMQwwCgYDVQQKDANvbmUxDDAKBgNVBAoMA3R3bzBWMBAGByqGSM49AgEGBSuBBAAKA0IABP3mUrXKBX93xIPtSZQNcmPUvzXCX1MDFc8Qkr/Q" +
  "yBpwS0TXd+lFprQM4TCH8Wx2zhnYV5RsV6/WvJW22cn+ToigADAKBggqhkjOPQQDAgNJADBGAiEAq6PD1R/Jv80IUEg5cbhBPkBiXB5ZpHHYYiwlUKi5zpECIQDYue/qmngoJpw/GnZr" +
  "oILwCyW7DFhWMRqplXyE7feD5g==";
/** An RSA key that is too short. */
export const RSA512 =
  "MIHjMIGOAgEAMCkxCzAJBgNVBAMMAm1lMQwwCgYDVQQKDANvbmUxDDAKBgNVBAoMA3R3bzBcMA0GCSqGSIb3DQEBAQUAA0sAMEgCQQDSP/VYwYQK/NAG1mCynuED5CjFP35DS14kWkvd" +
  "uyomW6pdB6YavfaL3dvFT1OJ8dtkDxDwzyUlOebtBo7DoPt9AgMBAAGgADANBgkqhkiG9w0BAQsFAANBAM6PsZecKR0IXrHWWdC+8hVoQ6u0jaTGAULMziSMEJj1FIpg1tQrKj8bleyf" +
  "LY0r3u27JvI+9yVlXsfWmPQF184=";
/** CN=me, O=system:masters. */
export const MASTERS =
  "MIHiMIGIAgEAMCYxCzAJBgNVBAMMAm1lMRcwFQYDVQQKDA5zeXN0ZW06bWFzdGVyczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPkI9AVXAzLBftdgUdMhA5fLuNMH7rsbrGeslUp1" +
  "DEZfTpDlkFo56DobO93ctRdEn389UnW2AaamS06pueIhZp6gADAKBggqhkjOPQQDAgNJADBGAiEA9F8P82/O3RPN0Cw0kRRCHHoBmQPy664kR6F/Yrb9KA4CIQDBgrNxLfUpgmMnSqTh" +
  "KPZTDbV8OWRFR2FE5i78cWG5Nw==";
/** O=system:nodes, CN=system:node:n1. */
export const NODE =
  "MIHqMIGSAgEAMDAxFTATBgNVBAoMDHN5c3RlbTpub2RlczEXMBUGA1UEAwwOc3lzdGVtOm5vZGU6bjEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT5CPQFVwMywX7XYFHTIQOXy7jT" +
  "B+67G6xnrJVKdQxGX06Q5ZBaOeg6Gzvd3LUXRJ9/PVJ1tgGmpktOqbniIWaeoAAwCgYIKoZIzj0EAwIDRwAwRAIgKxmyFDDc0DGTp2lX/7sMNIa1guimltQWnSbowy4OYNcCIH5NLbLl" +
  "5g9EDIUCKE8s5Know35Cwesse/i76qVYasBE";
/** The same, for n1 and 10.0.0.1. */
export const SERVING =
  "MIIBETCBuAIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN5c3RlbTpub2RlOm4xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+Qj0BVcDMsF+12BR0yEDl8u4" +
  "0wfuuxusZ6yVSnUMRl9OkOWQWjnoOhs73dy1F0Sffz1SdbYBpqZLTqm54iFmnqAmMCQGCSqGSIb3DQEJDjEXMBUwEwYDVR0RBAwwCoICbjGHBAoAAAEwCgYIKoZIzj0EAwIDSAAwRQIh" +
  "AOKEw6mlr07TnsAwXfCQpzQfWAqxpLgke9tVOoGPSAhtAiBEeNnaDk3hHHDx8S9zisn6NTGTyaivBXKnWD7aV72X7Q==";
/** CN=ca, signed by itself. */
export const CERTIFICATE =
  "MIIC+zCCAeOgAwIBAgIUF+tFbwTsAXZP1zJXgJmEsH/T/0EwDQYJKoZIhvcNAQELBQAwDTELMAkGA1UEAwwCY2EwHhcNMjYxMTI1MjAxODU0WhcNMjYxMjI1MjAxODU0WjANMQswCQYD" +
  "VQQDDAJjYTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAKFcO/IN3qQmQ7EbTrMMiBavhVp17KwAAYOSrgLsbSSarGhGn8U3IFbnYjBgEIH1iFE21gp9wH5XJSmoULvFHqFn" +
  "SuxIEN85U79/1ia+7yb83Zkz1KWWbCY2kCfL27U1NEr1H7RREsF+oJLgs7o8RBWtUMxOA+Mv3O8MH01a8Go6wYWfn+RHA+52uGYyGDO6Dyfb1BAtbsXmfqmNzVufrmOm22R1QGYL+WOK" +
  "g3MyFZwBF9nXYCcEP/p9UCVuOcSsEkN2wBxGz3RJfEjeclW+L5Y3e5cM5/e/eG05qYR/4zioeWCf6hdPUQxwF8ufr2LXUEQ/v6EOwNTcapN57d474r0CAwEAAaNTMFEwHQYDVR0OBBYE" +
  "FPFwcOTM8PFYu5JBdzDryT8ReKjiMB8GA1UdIwQYMBaAFPFwcOTM8PFYu5JBdzDryT8ReKjiMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAC9rSQtHK0xXa/0+YJ4q" +
  "PXB5O6pG5Ykp9YKeSrwDtGs+GWFQ8dvZcck72rbEjLk+li+zE4DX/RAgOf7QXTZQpjt92Jgan61ljtZ4tZ4iIV5li2r5kdN8AQSfJbuDgksahNhxlVKozkM924QQOd1JB5S43uhS8sEW" +
  "b27GuX6yUZw0ij2E/6nv0xRkYlWGkTocttAwXst1mYaRLLTxouLMwO7Od2q+OejpylWP48mcUY/9fIp5CtYoqlZgSLr6YORHhjeGvprD4EqrvhXRJpysH4uOeJPpHi6oz/Sm2SpB3fvp" +
  "jWUQha3RELId6jfmzspUI9Xvo4IsqmtL6XkbJmgVkfk=";

/** A PEM block as it stands in JSON: base64 once more. */
export function pem(der: string | Buffer, type = "CERTIFICATE REQUEST", headers = ""): string {
  const lines = Buffer.from(der as string, typeof der === "string" ? "base64" : undefined)
    .toString("base64")
    .match(/.{1,64}/g);
  return base64(`-----BEGIN ${type}-----\n${headers}${(lines ?? []).map((line) => `${line}\n`).join("")}-----END ${type}-----\n`);
}

export const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");

/** The same with one bit turned; negative positions count from the end. */
export function turned(der: string, at: number): Buffer {
  const bytes = Buffer.from(der, "base64");
  const i = at < 0 ? bytes.length + at : at;
  bytes[i] = (bytes[i] as number) ^ 1;
  return bytes;
}
