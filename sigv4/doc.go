// Package sigv4 signs and verifies AWS Signature Version 4 requests. It does no
// I/O and keeps no state but what a [KeyCache] is asked to hold.
//
// A server goes through four steps:
//
//	claim, err := sigv4.Parse(r)                // what the request says of itself; nothing is trusted yet
//	err = rules.Check(&claim, now)              // time, scope, signed headers: all that needs no key
//	key := sigv4.DeriveKey(secret, claim.Scope) // the secret of claim.AccessKeyID, looked up by the server
//	err = rules.Verify(&claim, key, sigv4.HashPayload(body), now)
//
// Verify repeats Check, so a server that does not mind looking up a key for
// nothing may leave Check out. What Parse, Check and Verify refuse is always an
// [*Error]: a reason to act on and AWS's own words for the caller.
//
// A verified signature covers the method, the path, the query, the payload hash
// and the headers in Claim.SignedHeaders. It covers nothing else, and two things
// are left to the server: to route on the path in the form it was signed in
// (outside S3 the signature is the same for "/a/../b" and "/b"), and to check
// that Claim.SessionToken, which outside S3 need not be signed, belongs to the
// access key.
//
// Clients sign with a [Signer].
package sigv4
