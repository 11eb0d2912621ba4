-- expect: cpu_time
-- manifest: "limits":{"cpu_time":"300ms"}
-- A match that takes longer than the sun burns is one C call that no hook interrupts; the clock outside ends it.
pcall(string.find, ("a"):rep(40), ("a?"):rep(40) .. ("a*"):rep(20) .. "b")
pcall(string.find, ("a"):rep(100000), ".-.-.-.-b")
