-- Standard streams over the wire; the input is written in script_run.c.
assert(io.read("n") == 42) assert(io.read("n", "l") == -1.5e3)
assert(io.read("L") == "line two\n") assert(io.read(3) == "abc") assert(io.read("l") == "def") assert(io.read(0) == "")
for l in io.lines() do print("["..l.."]") if l == "stop" then break end end
assert(io.read("a") == "rest1\nrest2") assert(io.read("a") == "") assert(io.read("l") == nil) assert(io.read(0) == nil)
print(pcall(io.lines, "x")) print(io.type(io.stdout), io.stdin) print(pcall(io.read,"x")) print(io.stdout:close())
io.write(("é"):rep(3000)) io.write("\xe2") io.write("\x82\xac\xff\n") print(("z"):rep(5000):len())
io.write(("y"):rep(10000)) 
