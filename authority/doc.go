// Package authority is for servers that accept AWS-signed requests and keep no
// access keys: they ask iamd. It has the two questions of every such server, a
// [Client] that asks them, and a [Guard], which is middleware for net/http.
//
//   - Whose signed request is this? The server sends method, URL, headers and the
//     hash of the body, and is told the principal.
//   - May they do this action on this resource? It sends what the request needs: any
//     action of any service name, an ARN, what conditions may ask for, and the
//     resource's own policy if it has one.
//
// One [Question] asks both in one round trip, which is the normal use; it asks only
// the first if it names no permission. Nothing is remembered between two questions:
// a key that was deactivated is refused at the next one, on every server.
//
// A refusal is AWS's: code, HTTP status and text, in the words of S3 for the service
// "s3" and of AWS's Query services for any other. A denial brings a text for
// `aws sts decode-authorization-message`, too, with all that led to it.
//
// What an answer says of a signature holds for the method, the path, the query, the
// headers in Signature.SignedHeaders and the payload in Signature.Payload, and for
// nothing else. A server that asks before it has read the body must compare the two
// itself; Guard does.
//
// The secret of a key never leaves iamd. A server that must check the chunks of an
// upload asks for the signing key, which is good for one day, region and service.
//
// Start iamd with --authority-listen and --authority-token-file or
// --authority-client-ca; examples/authority is a server in 40 lines. Servers in other
// languages send a Question as JSON to POST /v1/ask and read an [Answer]; Envoy's
// ext_authz and nginx's auth_request are answered, too: see the README.
package authority
