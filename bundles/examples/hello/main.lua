-- The smallest bundle: a greeting for whom the argument names.
function run(arg)
    print("hello, " .. (arg and arg.name or "world"))
end
