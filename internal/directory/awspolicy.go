package directory

import (
	"crypto/sha256"
	"encoding/base32"
	"sync"

	"github.com/iamd-project/iamd/internal/awspolicies"
	"github.com/iamd-project/iamd/internal/ids"
)

// AWS is the account of AWS's own policies.
const AWS ids.Account = "aws"

// AWSPolicies are the managed policies that AWS makes, in the order of their
// names. Nobody may change them.
func AWSPolicies() []*Policy { return awsPolicies().list }

type awsIndex struct {
	list  []*Policy // as awspolicies.All
	byARN map[string]*Policy
	byID  map[ids.EntityID]*Policy
	at    map[*Policy]int
}

// awsPolicies is made when it is first needed: see package awspolicies.
var awsPolicies = sync.OnceValue(func() *awsIndex {
	x := &awsIndex{byARN: map[string]*Policy{}, byID: map[ids.EntityID]*Policy{}, at: map[*Policy]int{}}
	for i, from := range awspolicies.All() {
		p := &Policy{
			Entity:   Entity{ID: awsPolicyID(from.Name), Account: AWS, Name: from.Name, Path: from.Path, Created: At(from.Created)},
			Default:  from.Version,
			Last:     from.Version,
			Versions: []PolicyVersion{{from.Version, At(from.Updated)}},
			Updated:  At(from.Updated),
		}
		x.list = append(x.list, p)
		x.byARN[p.ARN()], x.byID[p.ID], x.at[p] = p, p, i
	}
	return x
})

// awsPolicyIDs begins the IDs of AWS's policies, and none that ids.Source makes.
const awsPolicyIDs = ids.EntityID(ids.Policy) + "A"

// awsPolicyID stands for an ID that the record of AWS's policies doesn't have. It
// comes from the name, so that it is the same for ever: attachments are stored
// under it.
func awsPolicyID(name string) ids.EntityID {
	sum := sha256.Sum256([]byte(name))
	return awsPolicyIDs + ids.EntityID(base32.StdEncoding.EncodeToString(sum[:10]))
}

func awsText(p *Policy) Document {
	x := awsPolicies()
	return Document(awspolicies.All()[x.at[p]].Document())
}
