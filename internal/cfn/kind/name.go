package kind

import (
	"crypto/sha256"
	"math/big"
	"strings"
)

// The alphabets of the random ends of names, in order.
const (
	upperNames = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	mixedNames = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// randomName is how many random characters end a name.
const randomName = 12

// Name is the name of a new resource whose template gives none, in at most most
// characters: its stack's and its logical one, the longer of them cut first, and random
// ones. A step that is run again makes the same name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
func (r *Resource) Name(most int) string {
	room := most - randomName - len("--")
	stack, logical := len(r.Stack), len(r.Logical)
	half := room / 2
	switch {
	case stack+logical <= room:
	case logical <= half:
		stack = room - logical
	case stack <= half:
		logical = room - stack
	default:
		stack, logical = half, half
	}
	return r.Stack[:stack] + "-" + r.Logical[:logical] + "-" + r.random(upperNames)
}

// MixedName is the name of a new resource of a newer type: without the stack's, and its
// random end in both cases.
func (r *Resource) MixedName(prefix string) string {
	return prefix + r.Logical + "-" + r.random(mixedNames)
}

// random are the characters that r's step ends names with.
func (r *Resource) random(alphabet string) string {
	sum := sha256.Sum256([]byte(r.Token + "\n" + r.Logical))
	n, base, digit := new(big.Int).SetBytes(sum[:]), big.NewInt(int64(len(alphabet))), new(big.Int)
	var b strings.Builder
	for range randomName {
		n.DivMod(n, base, digit)
		b.WriteByte(alphabet[digit.Int64()])
	}
	return b.String()
}
