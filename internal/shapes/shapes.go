// Package shapes describes AWS services as data: their operations, the Go types
// of requests and replies, and the constraints on them. The types themselves
// are generated from models/ by tools/awsgen, one package per service below
// this one.
//
// Every generated field carries a tag, aws:"Name[,option…]": the member's name
// on the wire, then "required", "sensitive" (never to be logged) or "token" (a
// client's idempotency token). A required string, number, boolean or time is a
// value and an optional one a pointer; a structure is always a pointer, or a
// value as the element of a list or map; lists, maps and blobs are nil when absent. A body
// that is read as it comes is an io.ReadCloser; a reply's is closed by who writes it.
//
// Tags of REST services go on with the member's place: "uri=Name", "query=name",
// "header=name", "headers=prefix" (a map), "payload" (it is the body) or, in XML,
// "attribute=name", "xml=name" for an element named otherwise than the member, "flat" for
// a list without an element around it, "element=name" for what a list's elements are
// called. "iso" is a time in ISO 8601 outside XML.
//
// Every type that a request can hold is Checkable. Check finds what a request
// violates of its model, and Service.Message words that as the service would.
package shapes

//go:generate go -C ../../tools/awsgen run . -models ../../models -out ../../internal/shapes

// Protocol is one of AWS's ways to put a call on HTTP.
type Protocol int

// The protocols that iamd speaks.
const (
	Query   Protocol = iota + 1 // AWS Query: forms in, XML out
	JSON11                      // AWS JSON 1.1
	RESTXML                     // REST-XML: paths, queries, headers and XML
)

// Service is one AWS service, as its model describes it.
type Service struct {
	ID           string // lower case, as in ARNs and signing scopes: "iam"
	Title        string // "AWS Identity and Access Management"
	Protocol     Protocol
	Version      string      // the API's date: "2010-05-08"
	Namespace    string      // XML namespace of Query replies
	TargetPrefix string      // of X-Amz-Target, for JSON
	Global       bool        // one endpoint for all regions, as IAM
	HidesValues  bool        // Message names the member only, not the value it refused
	Operations   []Operation // sorted by name

	Milliseconds   bool // times in Query replies have them
	CapitalMessage bool // JSON errors keep their text under "Message"
}

// Operation is one operation of a Service.
type Operation struct {
	Name     string
	Input    func() any // a new, empty request: a Checkable pointer to a generated type
	Output   func() any // a new, empty reply; nil for an operation without one
	Result   string     // the element around a Query reply's members, "" for none
	Unsigned bool       // takes no signature: the request itself carries the proof
	Errors   []Error
	Pages    *Pages // nil when the reply always comes whole

	// Of REST.
	Method string // "PUT"
	URI    string // "/{Bucket}/{Key+}?tagging"
	Status int    // of a reply that does not refuse; 0 is 200
	Root   string // the element around the reply's members
	Bare   bool   // the text of the reply's only member is all there is in Root
}

// Error is one error of an Operation as the model has it.
type Error struct {
	Shape  string // the model's name: "NoSuchEntityException"
	Code   string // on the wire: "NoSuchEntity"
	Status int    // HTTP status
}

// Pages says which members carry a list that comes in pages. Names are the
// members' names on the wire.
type Pages struct {
	Input   string   // in the request: where to go on
	Output  string   // in the reply: the next request's Input
	Limit   string   // in the request: the most results wanted; "" for none
	More    string   // in the reply: whether there is more; "" when Output alone says so
	Results []string // in the reply: the lists that are split
}
