package main

// A rule says which packages of the project those that match from may import. Patterns are paths
// inside the module: "internal/store" is that package alone, "internal/shapes/*" all below it.
type rule struct {
	from  []string
	allow []string
	why   string
}

var (
	public = []string{"sigv4", "policy", "arn", "authority"}
	base   = []string{
		"internal/awserr", "internal/ids", "internal/seal", "internal/store", "internal/shapes", "internal/awspolicies",
		"internal/password", "internal/totp", "internal/federation", "internal/checksum", "internal/objects",
	}
	generated = []string{"internal/shapes/*"}
	middle    = []string{"internal/op", "internal/directory"}
	door      = []string{"internal/authn", "internal/authz", "internal/wire", "internal/audit", "internal/explain"}
	ways      = []string{"internal/console", "internal/authority"}
	outward   = []string{"internal/client", "internal/runbook"}
	services  = []string{
		"internal/iam", "internal/sts", "internal/secrets", "internal/ssm", "internal/cfn",
		"internal/cloudtrail", "internal/organizations", "internal/s3", "internal/kept",
	}
)

// rules has a row for every package there is; the first that matches holds. A package without a row
// is an error, and so is an arrow the row does not allow: a new arrow is a design change.
//
//	awserr ids seal store shapes <- op directory <- services
//	                                             <- authn authz wire audit <- gateway <- server <- cmd
var rules = []rule{
	{public, public, "the public packages stand alone"},
	{base, list(public, base), "the lowest layer knows only itself and the public packages"},
	{generated, list(public, base), "generated shapes know nothing but how shapes are described"},
	{
		[]string{"internal/store/*"},
		[]string{"internal/store"},
		"an implementation of the store knows its contract and nothing of what is stored",
	},
	{middle, list(public, base, middle), "operations and records are below the services"},
	{
		[]string{"internal/cfn", "internal/cfn/*"},
		list(public, base, generated, middle, []string{"internal/cfn/*"}),
		"a service knows neither the gateway nor another service; it calls others as a client of the gateway",
	},
	{
		[]string{"internal/rotation"},
		list(public, base, generated, middle),
		"what rotates secrets is a client of the gateway, and knows no service",
	},
	{
		[]string{"internal/secrets"},
		list(public, base, generated, middle, []string{"internal/rotation"}),
		"Secrets Manager reads the rules by which its secrets are rotated",
	},
	{
		services,
		list(public, base, generated, middle),
		"a service knows neither the gateway, wire, the server nor another service",
	},
	{[]string{"internal/wire"}, list(public, base), "wire knows shapes as data, and no service's"},
	{door, list(public, base, middle, door), "who is calling, may they, and the record of it: below the gateway"},
	{
		[]string{"internal/gateway"},
		list(public, base, middle, door),
		"the gateway knows no service, no service's shapes and no implementation of the store",
	},
	{
		ways,
		list(public, base, middle, door, []string{"internal/gateway"}),
		"every way in takes the gateway's path and knows no service",
	},
	{
		[]string{"internal/client"},
		list(public, []string{"internal/awserr", "internal/shapes", "internal/wire"}, generated),
		"a client speaks to servers from outside: it knows shapes and how to write them, and nothing of ours that serves",
	},
	{
		[]string{"internal/runbook"},
		[]string{"internal/awserr", "internal/seal", "internal/shapes", "internal/client"},
		"a runbook is run by a client of services, and knows none of them",
	},
	{[]string{"runbooks"}, nil, "the shipped runbooks are files"},
	{
		[]string{"internal/server"},
		list(public, base, generated, middle, services, door, ways, []string{"internal/gateway", "internal/rotation", "internal/store/*", "internal/cfn/*"}),
		"the server builds the parts; nothing of it is a command",
	},
	{
		[]string{"internal/cli", "internal/cli/*"},
		list(public, base, middle, outward, []string{"runbooks", "internal/server", "internal/explain", "internal/store/*", "internal/cli/*"}),
		"commands speak to the server or to its data",
	},
	{[]string{"examples/*"}, public, "an example is what others can build: it has the public packages alone"},
	{[]string{"cmd/*"}, []string{"*"}, "a command may use everything"},
}

// An outside rule says who alone may import a package that is not ours, or its children.
type outside struct {
	path string
	only []string // nil: nobody but tests
	why  string
}

var outsideRules = []outside{
	{"github.com/aws/aws-sdk-go-v2/service", nil, "the AWS SDK's clients are the tests' judge, never part of the program"},
	{"github.com/aws/aws-sdk-go-v2", []string{"internal/client"}, "of the AWS SDK the program has its credential chain, and only client asks that"},
	{"github.com/aws/smithy-go", nil, "the AWS SDK is the tests' judge, never part of the program"},
	{"github.com/go-jose/go-jose", []string{"internal/federation"}, "only federation reads and writes tokens"},
	{"github.com/coreos/go-oidc", nil, "the tests' judge of our tokens"},
	{"github.com/crewjam/saml", []string{"internal/federation"}, "only federation reads SAML"},
	{"github.com/russellhaering/goxmldsig", []string{"internal/federation"}, "only federation reads SAML"},
	{"github.com/beevik/etree", []string{"internal/federation"}, "only federation reads SAML"},
	{"google.golang.org/grpc", []string{"internal/authority"}, "gRPC is for Envoy, which asks the authority"},
	{"github.com/envoyproxy/go-control-plane", []string{"internal/authority"}, "gRPC is for Envoy, which asks the authority"},
	{"go.yaml.in/yaml", []string{"internal/cfn/template", "internal/runbook"}, "only templates and runbooks are YAML"},
	{"github.com/expr-lang/expr", []string{"internal/runbook"}, "only runbooks have expressions"},
	{"github.com/cockroachdb/pebble", []string{"internal/store/pebble"}, "only its implementation of the store knows Pebble"},
}

// doesIO are the standard packages that the public packages may not import, since they do no I/O.
// But sigv4 may name net/http's types and split a host from its port, and authority is there to ask iamd,
// over HTTP and nothing else.
var doesIO = []string{
	"os", "os/*", "net", "net/http", "net/http/*", "net/rpc", "net/smtp", "syscall", "log", "log/*",
	"io/ioutil", "database/*", "plugin", "crypto/rand", "math/rand", "math/rand/*",
}

var mayNameIO = map[string][]string{"sigv4": {"net/http", "net"}, "authority": {"net/http", "net"}}

func list(groups ...[]string) []string {
	var out []string
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}
