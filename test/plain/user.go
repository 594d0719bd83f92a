package plain

import (
	"fmt"
	"slices"
)

func createUser(r *run) Object {
	r.free(User, r.text("UserName"))
	tags, boundary := r.newTags(nil), r.boundary()
	u := r.add(User, r.text("UserName"))
	u.Tags, u.Boundary = tags, boundary
	return Object{"User": describeUser(r, u).showTags(u).showBoundary(u)}
}

func getUser(r *run) Object {
	u := r.subject()
	return Object{"User": describeUser(r, u).showTags(u).showBoundary(u)}
}

func deleteUser(r *run) Object {
	u := r.must(User, "UserName")
	conflict(len(u.Keys) > 0, "delete access keys")
	conflict(len(u.Attached) > 0, "detach all policies")
	conflict(len(u.Inline) > 0, "delete policies")
	conflict(len(u.Groups) > 0, "remove users from group")
	conflict(u.Login != nil, "delete login profile")
	return r.remove(u)
}

func describeUser(_ *run, u *Entity) Object {
	o := Object{"UserId": u.ID, "Arn": u.ARN(), "CreateDate": u.Created}
	if u.Kind == User {
		o["UserName"], o["Path"] = u.Name, u.Path
	}
	return o
}

// subject is whom a request is about that may leave UserName out, and then means
// its caller.
func (r *run) subject() *Entity {
	switch {
	case r.optional("UserName") != nil:
		return r.must(User, "UserName")
	case r.Caller == Root:
		return r.Entities[r.Account]
	}
	return r.Find(User, r.Caller)
}

// user is subject for what root cannot have.
func (r *run) user() *Entity {
	u := r.subject()
	if u.Kind == RootUser {
		refuse(400, "ValidationError", "Must specify userName when calling with non-User credentials")
	}
	return u
}

func (o Object) showName(u *Entity) Object {
	if u.Kind == User {
		o["UserName"] = u.Name
	}
	return o
}

func createAccessKey(r *run) Object {
	u := r.subject()
	quota("AccessKeysPerUser", len(u.Keys), 2)
	u.LastKey++
	u.Keys = append(u.Keys, Key{u.LastKey, r.chosen.ID, "Active", r.chosen.Date})
	return Object{"AccessKey": Object{
		"AccessKeyId": r.chosen.ID, "SecretAccessKey": r.chosen.Secret, "Status": "Active", "CreateDate": r.chosen.Date,
	}.showName(u)}
}

// listAccessKeys has the oldest first.
func listAccessKeys(r *run) Object {
	u := r.subject()
	l := list{}
	for _, k := range u.Keys {
		l.add(fmt.Sprintf("%06d", k.Number), Object{"AccessKeyId": k.ID, "Status": k.Status, "CreateDate": k.Created}.showName(u))
	}
	return r.page("AccessKeyMetadata", l)
}

// ownKey is the subject and the place of its key; somebody else's is as absent.
func (r *run) ownKey() (*Entity, int) {
	u, id := r.subject(), r.text("AccessKeyId")
	at := slices.IndexFunc(u.Keys, func(k Key) bool { return k.ID == id })
	if at < 0 {
		noSuchEntity("The Access Key with id %s cannot be found.", id)
	}
	return u, at
}

func updateAccessKey(r *run) Object {
	u, at := r.ownKey()
	u.Keys[at].Status = r.text("Status")
	return Object{}
}

func deleteAccessKey(r *run) Object {
	u, at := r.ownKey()
	u.Keys = slices.Delete(u.Keys, at, at+1)
	return Object{}
}

func createLoginProfile(r *run) Object {
	u := r.user()
	if r.optional("Password") == nil {
		refuse(400, "ValidationError", "Password is required.")
	}
	if u.Login != nil {
		exists("Login Profile for user %s already exists.", u.Name)
	}
	checkPassword(r.text("Password"))
	u.Login = &Login{r.chosen.Date, r.flag("PasswordResetRequired")}
	return Object{"LoginProfile": describeLogin(u)}
}

func getLoginProfile(r *run) Object {
	u := r.login()
	return Object{"LoginProfile": describeLogin(u)}
}

func updateLoginProfile(r *run) Object {
	u := r.login()
	if password := r.optional("Password"); password != nil {
		checkPassword(*password)
	}
	if reset, ok := r.In["PasswordResetRequired"].(bool); ok {
		u.Login.ResetRequired = reset
	}
	return Object{}
}

func deleteLoginProfile(r *run) Object {
	r.login().Login = nil
	return Object{}
}

// login is a user who has a login profile.
func (r *run) login() *Entity {
	u := r.user()
	if u.Login == nil {
		noSuchEntity("Login Profile for User %s cannot be found.", u.Name)
	}
	return u
}

func describeLogin(u *Entity) Object {
	return Object{"UserName": u.Name, "CreateDate": u.Login.Created, "PasswordResetRequired": u.Login.ResetRequired}
}

// checkPassword knows AWS's default for accounts without a policy of their own:
// 8 characters, of 3 kinds.
func checkPassword(password string) {
	kinds := map[string]bool{}
	for _, c := range password {
		switch {
		case c >= 'a' && c <= 'z':
			kinds["lower"] = true
		case c >= 'A' && c <= 'Z':
			kinds["upper"] = true
		case c >= '0' && c <= '9':
			kinds["number"] = true
		default:
			kinds["symbol"] = true
		}
	}
	if len(password) < 8 || len(kinds) < 3 {
		refuse(400, "PasswordPolicyViolation", "Password does not conform to the account password policy.")
	}
}

func createAccountAlias(r *run) Object {
	if r.Alias == r.text("AccountAlias") {
		exists("The account alias %s already exists.", r.Alias)
	}
	r.Alias = r.text("AccountAlias")
	return Object{}
}

func deleteAccountAlias(r *run) Object {
	if alias := r.text("AccountAlias"); alias != r.Alias {
		noSuchEntity("The account alias %s cannot be found.", alias)
	}
	r.Alias = ""
	return Object{}
}

func listAccountAliases(r *run) Object {
	r.after()
	aliases := []string{}
	if r.Alias != "" {
		aliases = append(aliases, r.Alias)
	}
	return Object{"AccountAliases": aliases, "IsTruncated": false}
}
