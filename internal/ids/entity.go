package ids

// An EntityID is the id that IAM gives to a user, role or other entity for life.
// A new entity under an old name has a new one.
type EntityID string

// A Kind is what an EntityID belongs to; its letters start the id.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
type Kind string

// The kinds of entity, and of credential other than an access key.
const (
	User              Kind = "AIDA"
	Group             Kind = "AGPA"
	Role              Kind = "AROA"
	Policy            Kind = "ANPA"
	PolicyVersion     Kind = "ANVA"
	InstanceProfile   Kind = "AIPA"
	ServerCertificate Kind = "ASCA"
	PublicKey         Kind = "APKA"
	ServiceCredential Kind = "ACCA"
)

// EntityID makes an id of 21 letters, or 20 for a PublicKey.
//
// AWS writes an account into its newer ids. Ours have the older form, in which
// the fifth letter is I or J and all that follows is random: 80 bits, or 75, do
// not meet by chance, so nobody has to look for an id that is taken; and tools
// that extract account numbers know to leave this form alone.
func (s Source) EntityID(k Kind) EntityID {
	n := 16
	if k == PublicKey {
		n = 15
	}
	return EntityID(string(k) + s.Letters("IJ", 1) + s.Letters(base32Letters, n))
}

const base32Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
