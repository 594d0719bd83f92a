// Package directory keeps the records of accounts, users and access keys, and
// the indexes that find them. Its functions take a transaction, so that they
// compose; none of them opens one.
package directory

import (
	"github.com/iamd-project/iamd/internal/ids"
)

// Every key that iamd stores. Records hold CBOR; an index holds the name or ID
// of what it finds. An entity (user, …) is kept under its unique ID, so that a
// rename touches no key of anything that belongs to it.
//
//	sys/keyset                             the data keys, wrapped by the master key
//	outbox/<commit>/<event ID>             audit records on their way to the sink (package audit)
//	account/<account>                      Account
//	user/<account>/<ID>                    User
//	username/<account>/<name, lower case>  -> <ID>: names are unique ignoring case
//	userpath/<account><path><name, l. c.>  -> <ID>: finds users below a path
//	key/<access key id>                    AccessKey: alone in not carrying the account,
//	                                       since a signature names only the key
//	keyused/<access key id>                LastUsed
const (
	KeysetKey = "sys/keyset"
	Outbox    = "outbox/"

	accounts = "account/"
	keys     = "key/"
	keysUsed = "keyused/"
)

func accountKey(id ids.Account) string { return accounts + string(id) }

func keyKey(id ids.KeyID) string { return keys + string(id) }

func keyUsedKey(id ids.KeyID) string { return keysUsed + string(id) }
