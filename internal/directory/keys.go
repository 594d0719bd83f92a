// Package directory keeps the records of accounts, users and access keys, and
// the indexes that find them. Its functions take a transaction, so that they
// compose; none of them opens one.
package directory

import (
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
)

// Every key that iamd stores. Records hold CBOR; an index holds the name or ID
// of what it finds. <user> is a user's unique ID (AIDA…), so that a rename
// touches no key of anything the user owns.
//
//	sys/keyset                             the data keys, wrapped by the master key
//	outbox/<commit>/<event ID>             audit records on their way to the sink (package audit)
//	account/<account>                      Account
//	user/<account>/<user>                  User
//	username/<account>/<name, lower case>  -> <user>: names are unique ignoring case
//	userpath/<account><path><name, l. c.>  -> <user>: finds users below a path
//	key/<access key id>                    AccessKey: alone in not carrying the account,
//	                                       since a signature names only the key
//	keyused/<access key id>                LastUsed
const (
	KeysetKey = "sys/keyset"
	Outbox    = "outbox/"

	accounts  = "account/"
	users     = "user/"
	userNames = "username/"
	userPaths = "userpath/"
	keys      = "key/"
	keysUsed  = "keyused/"
)

func accountKey(id ids.Account) string { return accounts + string(id) }

func userKey(a ids.Account, id ids.EntityID) string { return users + string(a) + "/" + string(id) }

func userNameKey(a ids.Account, name string) string {
	return userNames + string(a) + "/" + strings.ToLower(name)
}

func userPathKey(a ids.Account, path, name string) string {
	return userPaths + string(a) + path + strings.ToLower(name)
}

func keyKey(id ids.KeyID) string { return keys + string(id) }

func keyUsedKey(id ids.KeyID) string { return keysUsed + string(id) }
