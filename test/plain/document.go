package plain

import (
	"fmt"
	"strings"
)

// The kinds of documents.
const (
	identityDocument = iota
	managedDocument
	trustDocument
)

// Statements of documents that callers may send.
const (
	allow     = `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::%s"}`
	principal = `{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com"%s]},"Action":"sts:AssumeRole"}`
	policyOf  = `{"Version":"2012-10-17","Statement":[%s]}`
)

// Grants is a policy that allows something.
var Grants = grants("bucket")

// Documents are those that the model knows: with others it would need a parser.
// Each comes with what AWS says to it, by the kind that it is meant to be; "" is fine.
var Documents = map[string][3]string{
	Grants: {"", "", noPrincipal},
	"\n\t" + strings.ReplaceAll(grants("other"), ",", " ,\r\n") + "\n ": {"", "", noPrincipal},

	// Of about the sizes at which quotas end.
	grants(strings.Repeat("x", 900)):  {"", "", noPrincipal},
	grants(strings.Repeat("y", 1945)): {"", "", noPrincipal},
	grants(strings.Repeat("y", 1946)): {"", "", noPrincipal},
	grants(strings.Repeat("z", 6000)): {"", "", noPrincipal},
	grants(strings.Repeat("z", 6100)): {"", "", noPrincipal},

	trusts(""):                        {noPrincipals, noPrincipals, ""},
	trusts(`,"lambda.amazonaws.com"`): {noPrincipals, noPrincipals, ""},
	trusts(strings.Repeat(`,"lambda.amazonaws.com"`, 100)):        {noPrincipals, noPrincipals, ""},
	`{"Statement":[` + fmt.Sprintf(allow, "old") + `]}`:           {"", "Policy document must be version 2012-10-17 or greater.", noPrincipal},
	fmt.Sprintf(policyOf, `{"Effect":"Allow","Resource":"*"}`):    {noActions, noActions, noPrincipal},
	fmt.Sprintf(policyOf, `{"Effect":"Allow","Action":"s3:Get"}`): {noResources, noResources, noPrincipal},
	`{`: {syntax, syntax, "This policy contains invalid Json"},
}

const (
	syntax       = "Syntax errors in policy."
	noActions    = "Policy statement must contain actions."
	noResources  = "Policy statement must contain resources."
	noPrincipals = "Policy document should not specify a principal."
	noPrincipal  = "Missing required field Principal"
)

func grants(bucket string) string { return fmt.Sprintf(policyOf, fmt.Sprintf(allow, bucket)) }

func trusts(more string) string { return fmt.Sprintf(policyOf, fmt.Sprintf(principal, more)) }

// document is a parameter that must be a document of that kind.
func (r *run) document(parameter string, kind int) string {
	document := r.text(parameter)
	messages, ok := Documents[document]
	if !ok {
		panic("the model does not know the document " + document)
	}
	if messages[kind] != "" {
		refuse(400, "MalformedPolicyDocument", "%s", messages[kind])
	}
	return document
}

func (r *run) managedDocument() string {
	document := r.document("PolicyDocument", managedDocument)
	quota("PolicySize", sizeOf(document)-1, 6144)
	return document
}

func (r *run) trust(parameter string) string {
	document := r.document(parameter, trustDocument)
	quota("ACLSizePerRole", sizeOf(document)-1, 2048)
	return document
}

// sizeOf is how much of a quota a document takes: white space is free.
func sizeOf(document string) int {
	return len(strings.Join(strings.Fields(document), ""))
}
