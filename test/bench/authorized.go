package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"github.com/iamd-project/iamd/test/bench/load"
)

// authorized is row 8: a user whose five policies have ten statements each, of which the last one allows what
// is measured, and the same user asking for sessions of a role.
func (b *bench) authorized(ctx context.Context) error {
	few, err := b.withFew(ctx)
	if err != nil {
		return err
	}
	user, err := asUser(few)
	if err != nil {
		return err
	}
	f := figure{Row: 8, Name: " as a user with 5 policies"}
	if err := b.againstBare(ctx, f, user, load.GetUser, noTarget, atMost(2)); err != nil {
		return err
	}
	return b.againstBare(ctx, f, user, load.AssumeRole, noTarget, noTarget)
}

// secretValues is row 9.
func (b *bench) secretValues(ctx context.Context) error {
	few, err := b.withFew(ctx)
	if err != nil {
		return err
	}
	if _, err := load.Call(few.Target, load.CreateSecret, ""); err != nil {
		return err
	}
	return b.againstBare(ctx, figure{Row: 9}, few, load.GetSecretValue, atLeast(.7), noTarget)
}

// asUser is the same server, asked by a user it makes, with policies and a role to assume.
func asUser(s *server) (*server, error) {
	const name = "decided"
	for _, form := range []url.Values{
		{"Action": {"CreateUser"}, "UserName": {name}},
		{"Action": {"CreateRole"}, "RoleName": {"bench"}, "AssumeRolePolicyDocument": {trust}},
	} {
		if _, err := load.Ask(s.Target, form); err != nil {
			return nil, err
		}
	}
	for i := range 5 {
		p := fmt.Sprintf("p%d", i)
		form := url.Values{"Action": {"CreatePolicy"}, "PolicyName": {p}, "PolicyDocument": {tenStatements(i)}}
		if _, err := load.Ask(s.Target, form); err != nil {
			return nil, err
		}
		form = url.Values{"Action": {"AttachUserPolicy"}, "UserName": {name}, "PolicyArn": {"arn:aws:iam::123456789012:policy/" + p}}
		if _, err := load.Ask(s.Target, form); err != nil {
			return nil, err
		}
	}
	reply, err := load.Ask(s.Target, url.Values{"Action": {"CreateAccessKey"}, "UserName": {name}})
	if err != nil {
		return nil, err
	}
	var key struct {
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	if err := xml.Unmarshal(reply, &key); err != nil {
		return nil, err
	}
	user := *s
	user.AccessKey, user.SecretKey = key.ID, key.Secret
	return &user, nil
}

const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}`

// tenStatements is policy i of five.
func tenStatements(i int) string {
	list := make([]string, 10)
	for j := range list {
		actions := `"s3:GetObject","s3:PutObject","iam:List*"`
		if i == 4 && j == 9 {
			actions = `"iam:Get*","sts:AssumeRole"`
		}
		list[j] = fmt.Sprintf(`{"Effect":"Allow","Action":[%s],"Resource":"arn:aws:iam::*:*",`+
			`"Condition":{"StringEquals":{"aws:username":"decided"},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}`, actions)
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
}
