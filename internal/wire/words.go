package wire

import "github.com/iamd-project/iamd/internal/awserr"

// AWS's services share one framework for reading requests, and it has the same
// words in both protocols: MalformedInput for Query, SerializationException for
// JSON. These are recorded from it, with its own grammar and punctuation:
// https://github.com/mhart/dynalite tests them against DynamoDB, and
// https://github.com/aws/aws-sdk-go/issues/3506 has the one of timestamps.
const (
	startOfList   = "Start of list found where not expected"
	startOfStruct = "Start of structure or map found where not expected."
	expectedList  = "Expected list or null"
	expectedMap   = "Expected map or null"
	expectedNull  = "Expected null" // a scalar where a structure belongs
	badTimestamp  = "timestamp must follow ISO8601"
)

// Our own words, where AWS's are not known.
const (
	badEscape = "The request has an invalid percent escape."
	badText   = "The request is not valid UTF-8 text."
	badNumber = "The request has a list member without a valid number."
	badEntry  = "The request has a map entry without a key."
	tooMany   = "The request has too many parameters."
	tooDeep   = "The request is nested too deeply."
)

// article is the kind of a scalar as AWS's messages name it.
var article = [...]string{
	kindString:  "a String",
	kindInteger: "an Integer",
	kindLong:    "a Long",
	kindFloat:   "a Double",
	kindBool:    "an Boolean", // sic
	kindTime:    "a Timestamp",
	kindBlob:    "a Blob",
}

func malformed(detail string) error {
	return &awserr.Refusal{Kind: awserr.Malformed, Detail: detail}
}

// cannot says that a token ("STRING_VALUE") does not suit a scalar. It never
// repeats the value, which may be a secret.
func cannot(token string, k kind) error {
	return malformed(token + " can not be converted to " + article[k])
}

// misplaced says that a scalar token stands where k belongs.
func misplaced(token string, k kind) error {
	switch k {
	case kindList:
		return malformed(expectedList)
	case kindMap:
		return malformed(expectedMap)
	case kindStruct:
		return malformed(expectedNull)
	}
	return cannot(token, k)
}
