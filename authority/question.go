package authority

import (
	"net/http"

	"github.com/iamd-project/iamd/sigv4"
)

// The limits of a question. What is over one is refused, and not cut.
const (
	MaxQuestion       = 512 << 10 // bytes of JSON
	MaxPermissions    = 100
	MaxContext        = 100      // keys of one permission, each with as many values at most
	MaxTags           = 50       // of a resource, and of a request
	MaxResourcePolicy = 64 << 10 // bytes
)

// Question is what a server asks about one request. It has either a Request or a
// Credential.
type Question struct {
	Request *Request `json:"request,omitempty"`
	// Credential names one that proved itself in an earlier question, so that a server
	// can ask what else its bearer may do: iamd takes the server's word for it, and
	// looks only whether it is still good.
	Credential *Credential `json:"credential,omitempty"`

	// Service is what the signature must be scoped to: "s3", or a name of your own,
	// which clients give as their signing name. Empty takes any. For S3's name the
	// rules of S3 hold: a path is escaped once, and the payload hash is a header.
	Service string `json:"service,omitempty"`
	// Payloads are the markers taken in place of the body's hash. None are unless they
	// are listed: UNSIGNED-PAYLOAD, which presigned S3 requests have, leaves the body
	// open, and who lists a STREAMING- one must check the chunks or the trailer.
	Payloads []sigv4.PayloadHash `json:"payloads,omitempty"`
	// Anonymous takes a request without a signature as one by nobody, who may do what
	// the resource's policy lets everybody do.
	Anonymous bool `json:"anonymous,omitempty"`
	// SigningKey asks for the key that checks the chunks of a signed upload.
	SigningKey bool `json:"signingKey,omitempty"`

	// Permissions are what the request takes, all of them; none asks only who it is.
	Permissions []Permission `json:"permissions,omitempty"`

	// ClientIP and Secure are what the server knows of the connection: aws:SourceIp
	// and aws:SecureTransport.
	ClientIP string `json:"clientIp,omitempty"`
	Secure   bool   `json:"secure,omitempty"`
}

// Request is a request as the server received it.
type Request struct {
	Method string `json:"method"`
	URL    string `json:"url"`  // the request target, as it was on the wire: "/a%20b?c=d"
	Host   string `json:"host"` // the Host header, with its port if it has one
	// Header needs the signed headers, every X-Amz- header and those that sign;
	// conditions see User-Agent and Referer.
	Header http.Header `json:"header"`
	// BodyHash is the hash of the body that was received. Empty if the server has not
	// read it: the signature is then checked with the hash that the request declares.
	BodyHash sigv4.PayloadHash `json:"bodyHash,omitempty"`
}

// Credential is an access key, with its token if it is a session's.
type Credential struct {
	AccessKeyID  string `json:"accessKeyId"`
	SessionToken string `json:"sessionToken,omitempty"`
}

// Permission is one action on one resource.
type Permission struct {
	Action   string `json:"action"`   // "s3:GetObject"
	Resource string `json:"resource"` // an ARN, or "*" for an action that has none
	// Account owns the resource; empty is the caller's own.
	Account string `json:"account,omitempty"`
	// Context has the condition keys of the service: {"s3:prefix": {"photos/"}}. Those
	// about the principal and the time are iamd's to know and are refused here.
	Context map[string][]string `json:"context,omitempty"`
	// ResourceTags are aws:ResourceTag/…, and RequestTags aws:RequestTag/….
	ResourceTags map[string]string `json:"resourceTags,omitempty"`
	RequestTags  map[string]string `json:"requestTags,omitempty"`
	// Policy is the resource's own policy, such as a bucket policy; empty for none.
	Policy string `json:"policy,omitempty"`
}
