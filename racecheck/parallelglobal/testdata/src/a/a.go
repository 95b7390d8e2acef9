package a

import "time"

var timeNow = time.Now

var Debug bool

type config struct{ level int }

var conf config

func now() time.Time { return timeNow() }

func level() int { return conf.level }
